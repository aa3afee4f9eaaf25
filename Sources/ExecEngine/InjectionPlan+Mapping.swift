// SPDX-License-Identifier: Apache-2.0

import CLinux
import CVDSO
import ELF

/// The calls that map the pages.
extension InjectionPlan {
  private static let pageSize = UInt64(VDSO_PAGE_SIZE)
  private static let stride = UInt64(VDSO_PAGE_STRIDE)
  /// Whether there is memory between the pages, which no process may access.
  private static let hasGaps = stride > pageSize
  // PROT_*, MAP_* and MADV_* are the same on every supported architecture.
  private static let (readable, writable, executable): (UInt64, UInt64, UInt64) = (1, 2, 4)
  private static let (shared, privateFile, fixed, privateAnonymous): (UInt64, UInt64, UInt64, UInt64) = (
    1, 2, 0x10, 0x22
  )
  private static let fixedIfFree = UInt64(LINUX_MAP_FIXED_NOREPLACE)
  private static let wipeOnFork: UInt64 = 18
  private static let readAndWrite: UInt64 = 2  // O_RDWR

  /// Where the code page goes.
  struct PlaceOfCode {
    let base: InjectedCalls.Result
    /// Whether something is mapped there that it replaces.
    let isMapped: Bool
    let size: UInt64

    init(_ base: InjectedCalls.Result, isMapped: Bool, _ size: UInt64) {
      (self.base, self.isMapped, self.size) = (base, isMapped, size)
    }

    func offset(_ offset: UInt64 = 0) -> InjectedCalls.Word {
      .result(base, plus: 2 * UInt64(VDSO_PAGE_STRIDE) + offset)
    }
  }

  /// Whether each page is mapped for itself at an address that is known to be free. Mappings over parts of another one cost more.
  static func mapsSeparately(_ wanted: UInt64?) -> Bool { wanted != nil && !hasGaps }

  /// Adds a mapping that is undone if a later step fails.
  private mutating func map(
    _ place: InjectedCalls.Word, _ size: UInt64, _ rights: UInt64, _ kind: UInt64,
    _ file: InjectedCalls.Word = .value(.max), page: UInt64 = 0
  ) -> InjectedCalls.Result {
    let result = list.call(
      numbers.mmap, place, .value(size), .value(rights), .value(kind), file, .value(page * numbers.pageOffsetUnit))
    mapped.append((result, size))
    return result
  }

  /// Maps the time page, which has that index in the file, and the identity page behind it, and reserves `size` bytes for the code page
  /// unless they are mapped separately. Returns the first address.
  mutating func mapPages(
    at wanted: UInt64?, _ size: UInt64, _ identity: UInt64, _ file: InjectedCalls.Word, _ index: UInt64
  ) -> InjectedCalls.Result {
    let base: InjectedCalls.Result
    if let wanted, Self.mapsSeparately(wanted) {
      // Nothing is mapped there: the task has just been executed, and maps nothing while this plan is made.
      base = map(.value(wanted), Self.pageSize, Self.readable, Self.shared | Self.fixedIfFree, file, page: index)
      _ = map(
        .value(wanted + Self.stride), Self.pageSize, Self.readable | Self.writable,
        Self.privateAnonymous | Self.fixedIfFree)
    } else {
      base = map(
        .value(wanted ?? 0), 2 * Self.stride + size, Self.hasGaps ? 0 : Self.readable | Self.writable,
        Self.privateAnonymous | (wanted == nil ? 0 : Self.fixedIfFree))
      if Self.hasGaps {
        list.call(
          numbers.mprotect, .result(base, plus: Self.stride), .value(Self.pageSize),
          .value(Self.readable | Self.writable))
      }
      list.call(
        numbers.mmap, .result(base), .value(Self.pageSize), .value(Self.readable), .value(Self.shared | Self.fixed),
        file, .value(index * numbers.pageOffsetUnit))
    }
    let identityPage = InjectedCalls.Word.result(base, plus: Self.stride)
    list.copy(12, from: identity, to: identityPage)
    list.call(numbers.madvise, identityPage, .value(Self.pageSize), .value(Self.wipeOnFork))
    list.call(numbers.mprotect, identityPage, .value(Self.pageSize), .value(Self.readable))
    return base
  }

  /// Maps a code page from a file, privately, so that a tracer can set breakpoints in it.
  private mutating func map(
    _ place: PlaceOfCode, _ rights: UInt64, _ file: InjectedCalls.Word, page: Int = 0
  ) {
    _ = map(
      place.offset(), place.size, rights, Self.privateFile | (place.isMapped ? Self.fixed : Self.fixedIfFree), file,
      page: UInt64(page))
  }

  /// Maps a code page from a sealed file of the task's own. Returns the file's descriptor.
  mutating func mapCode(_ place: PlaceOfCode, _ code: UInt64, _ name: UInt64) -> InjectedCalls.Result {
    let file = list.call(numbers.memfdCreate, .value(name), .value(UInt64(LINUX_MEMORY_FILE_FLAGS)))
    list.call(numbers.write, .result(file), .value(code), .value(place.size))
    list.call(numbers.fcntl, .result(file), .value(UInt64(LINUX_F_ADD_SEALS)), .value(UInt64(LINUX_SEALS)))
    map(place, Self.readable | Self.executable, .result(file))
    return file
  }

  /// Maps a code page from the file of the time page, and writes the addresses of the kernel's functions into it. Core dumps then have it
  /// whole.
  mutating func mapShared(
    _ page: SharedCodePage, _ place: PlaceOfCode, addresses: UInt64, _ file: InjectedCalls.Word, _ ownMemory: UInt64
  ) {
    let numbers = numbers
    let words = SharedCodePage.addresses(page.width)
    let target = place.offset(UInt64(words.lowerBound))
    map(place, Self.readable | Self.writable, file, page: page.filePage)
    list.copy(words.count, from: addresses, to: target)
    // A process may be forbidden to execute what it has written (PR_SET_MDWE, SELinux). It then writes without the mapping's rights.
    list.unlessDone(
      {
        $0.call(
          numbers.mprotect, place.offset(), .value(place.size), .value(Self.readable | Self.executable),
          isEssential: false, endsList: true)
      }, numbers
    ) {
      $0.call(
        numbers.mmap, place.offset(), .value(place.size), .value(Self.readable | Self.executable),
        .value(Self.privateFile | Self.fixed), file, .value(UInt64(page.filePage) * numbers.pageOffsetUnit))
      Self.write(words.count, from: addresses, to: target, ownMemory, in: &$0, numbers)
    }
  }

  /// Writes to memory of the task that it may not write otherwise, if it has /proc.
  private static func write(
    _ count: Int, from source: UInt64, to target: InjectedCalls.Word, _ ownMemory: UInt64,
    in list: inout InjectedCalls, _ numbers: CallNumbers
  ) {
    let memory = list.call(
      numbers.openat, .value(.max), .value(ownMemory), .value(readAndWrite), .value(0), isEssential: false)
    list.call(
      numbers.pwrite64, .result(memory), .value(source), .value(UInt64(count)), target, .value(0), isEssential: false)
    list.call(numbers.close, .result(memory), isEssential: false)
  }

  /// Puts more than the code page's first page into core dumps: the kernel dumps private mappings of files whole where a page was written.
  /// A mapping that isn't in cores is no reason to stop a program.
  mutating func showInCores(_ place: PlaceOfCode, _ code: UInt64, _ ownMemory: UInt64) {
    guard place.size > Self.pageSize else { return }
    Self.write(8, from: code + Self.pageSize, to: place.offset(Self.pageSize), ownMemory, in: &list, numbers)
  }
}
