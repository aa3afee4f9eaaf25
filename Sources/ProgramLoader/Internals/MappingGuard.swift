// SPDX-License-Identifier: Apache-2.0

// Memory of this process in which a program is prepared.
//
// Assumes: a range that mmap returned is ours until unmapped or released; `write` and `zero` are called only for parts
// that the caller mapped writable.

import CLinux
import Glibc
import ProcessSupport

/// Ranges of pages, unmapped with their owner unless they are released to the program that takes over.
struct MappingGuard: ~Copyable {
  private(set) var ranges: [Range<UInt64>] = []

  init() {}

  deinit {
    for range in ranges { Self.unmap(range) }
  }

  /// Gives the pages up without unmapping them.
  mutating func release() {
    ranges = []
  }

  /// Adds anonymous private memory. The corresponding C function is `mmap`.
  ///
  /// With `address`, exactly there; EEXIST if something is mapped there. Without it, the kernel chooses the address.
  @discardableResult
  mutating func add(
    byteCount: UInt64, at address: UInt64? = nil, protection: Int32 = PROT_NONE, flags: Int32 = 0
  ) throws(Errno) -> Range<UInt64> {
    let fixed = address == nil ? 0 : MAP_FIXED_NOREPLACE
    let reserve = protection == PROT_NONE ? MAP_NORESERVE : 0
    let start = UInt64(
      try Kernel.call(
        linux_call_mmap, Int(address ?? 0), Int(byteCount), Int(protection),
        Int(MAP_PRIVATE | MAP_ANONYMOUS | fixed | reserve | flags), -1))
    let range = start..<start + byteCount
    // Kernels before 4.17 treat MAP_FIXED_NOREPLACE as a hint.
    if let address, start != address {
      Self.unmap(range)
      throw Errno.fileExists
    }
    ranges.append(range)
    return range
  }

  /// Adds anonymous private memory at one of the addresses of `base`, or without a base at an address that the kernel chooses, but nowhere
  /// in `taken`. Throws ENOMEM if there is no such place.
  ///
  /// With `endsThere`, the address is that of the memory's end.
  mutating func add(
    byteCount: UInt64, near base: BaseAddress?, endsThere: Bool = false, avoiding taken: [Range<UInt64>] = [],
    protection: Int32 = PROT_NONE, flags: Int32 = 0
  ) throws(Errno) -> Range<UInt64> {
    guard let base else { return try add(byteCount: byteCount, avoiding: taken, protection: protection, flags: flags) }
    for candidate in base.candidates(endsThere ? 0 : byteCount, alignment: ProgramLoader.pageSize)
    where !endsThere || candidate > byteCount {
      let start = endsThere ? candidate - byteCount : candidate
      if let range = try add(byteCount: byteCount, atFree: start, avoiding: taken, protection: protection, flags: flags)
      {
        return range
      }
    }
    throw Errno.noMemory
  }

  /// Adds anonymous private memory exactly at `address`; nil if anything is mapped there, or the address is in `taken`.
  mutating func add(
    byteCount: UInt64, atFree address: UInt64, avoiding taken: [Range<UInt64>], protection: Int32 = PROT_NONE,
    flags: Int32 = 0
  ) throws(Errno) -> Range<UInt64>? {
    let (end, wraps) = address.addingReportingOverflow(byteCount)
    guard !wraps, !taken.contains(where: { $0.overlaps(address..<end) }) else { return nil }
    do throws(Errno) {
      return try add(byteCount: byteCount, at: address, protection: protection, flags: flags)
    } catch  where error == .fileExists {
      return nil
    }
  }

  /// Adds anonymous private memory at an address that the kernel chooses, but nowhere in `taken`.
  private mutating func add(
    byteCount: UInt64, avoiding taken: [Range<UInt64>], protection: Int32, flags: Int32
  ) throws(Errno) -> Range<UInt64> {
    // Rejected memory stays mapped until an address is found: the kernel would choose it again.
    var rejected = MappingGuard()
    for _ in 0..<8 {
      let range = try rejected.add(byteCount: byteCount, protection: protection, flags: flags)
      guard taken.contains(where: { $0.overlaps(range) }) else {
        ranges.append(rejected.ranges.removeLast())
        return range
      }
    }
    throw Errno.noMemory
  }

  /// Adds memory that starts at a multiple of `alignment`, a power of two. The kernel chooses the address, but nowhere in `taken`.
  mutating func add(
    byteCount: UInt64, alignment: UInt64, avoiding taken: [Range<UInt64>], pageSize: UInt64
  ) throws(Errno) -> Range<UInt64> {
    let whole = try add(byteCount: byteCount + alignment - pageSize, near: nil, avoiding: taken)
    let start = whole.lowerBound.roundedUp(to: alignment)
    let kept = start..<start + byteCount
    for rest in [kept].complement(in: whole) { Self.unmap(rest) }
    ranges[ranges.count - 1] = kept
    return kept
  }

  /// Maps whole pages of a file, or zeros without one, over part of a range.
  func lay(_ part: Range<UInt64>, file: (descriptor: Int32, offset: UInt64)?, protection: Int32) throws(Errno) {
    checkOwned(part)
    try Kernel.call(
      linux_call_mmap, Int(part.lowerBound), part.count, Int(protection),
      Int(MAP_PRIVATE | MAP_FIXED | (file == nil ? MAP_ANONYMOUS : 0)), Int(file?.descriptor ?? -1),
      Int(file?.offset ?? 0))
  }

  /// Makes the writable page at `address` a page of code that can only be read and executed.
  ///
  /// The code comes from a sealed memory file, because some systems forbid that memory which was writable becomes executable (PR_SET_MDWE,
  /// MemoryDenyWriteExecute). If no memory file can be made, the page is written and made executable nevertheless.
  func layCode(_ code: [UInt8], at address: UInt64) throws(Errno) {
    let page = address..<address + ProgramLoader.pageSize
    do throws(Errno) {
      let file = try Self.codeFile(code)
      return try lay(page, file: (file.descriptor, 0), protection: PROT_READ | PROT_EXEC)
    } catch {}
    write(code, at: address)
    try protect(page, PROT_READ | PROT_EXEC)
  }

  private static func codeFile(_ code: [UInt8]) throws(Errno) -> OpenFile {
    guard linux_may_write_files(0, UInt64(code.count)) else { throw Errno.fileTooLarge }
    let descriptor = unsafe linux_memory_file("loader-code")
    guard descriptor >= 0 else { throw Errno.current }
    let file = OpenFile(descriptor: descriptor)
    let written = unsafe code.withUnsafeBytes { bytes in
      retrying {
        linux_syscall(linux_call_write, Int(descriptor), Int(bitPattern: bytes.baseAddress), bytes.count, 0, 0, 0)
      }
    }
    guard try Errno.check(written) == code.count else { throw Errno.noSpace }
    _ = linux_syscall(linux_call_fcntl, Int(descriptor), Int(LINUX_F_ADD_SEALS), Int(LINUX_SEALS), 0, 0, 0)
    return file
  }

  /// Changes the protection of whole pages. The corresponding C function is `mprotect`.
  func protect(_ part: Range<UInt64>, _ protection: Int32) throws(Errno) {
    checkOwned(part)
    try Kernel.call(linux_call_mprotect, Int(part.lowerBound), part.count, Int(protection))
  }

  /// Copies bytes, or words, into writable memory.
  func write<Element: BitwiseCopyable>(_ elements: [Element], at address: UInt64) {
    guard !elements.isEmpty else { return }
    let byteCount = elements.count * MemoryLayout<Element>.stride
    checkOwned(address..<address + UInt64(byteCount))
    // SAFETY: inside a range that is ours and that the caller made writable; not null, as nothing is mapped there.
    guard let target = unsafe UnsafeMutableRawPointer(bitPattern: UInt(address)) else { return }
    unsafe target.copyMemory(from: elements, byteCount: byteCount)
  }

  /// Zeroes writable memory.
  func zero(_ part: Range<UInt64>) {
    guard !part.isEmpty else { return }
    checkOwned(part)
    // SAFETY: as in `write`.
    guard let target = unsafe UnsafeMutableRawPointer(bitPattern: UInt(part.lowerBound)) else { return }
    unsafe target.initializeMemory(as: UInt8.self, repeating: 0, count: part.count)
  }

  private func checkOwned(_ part: Range<UInt64>) {
    precondition(ranges.contains { $0.lowerBound <= part.lowerBound && part.upperBound <= $0.upperBound })
  }

  private static func unmap(_ range: Range<UInt64>) {
    _ = linux_syscall(linux_call_munmap, Int(range.lowerBound), range.count, 0, 0, 0, 0)
  }
}
