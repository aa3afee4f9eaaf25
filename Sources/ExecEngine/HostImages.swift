// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
import ProcessSupport
import SimulatedKernel
import TimePages
import VDSOResolver

/// The kernel's own vDSO images. Their address differs between processes, but all processes of one word size have the same image. Each is
/// read once, from a task that the kernel has just given it, because this process may have one of our pages instead.
struct HostImages {
  private var objects: [ELFClass: SharedObject] = [:]
  private var functionTables: [ELFClass: FunctionTables] = [:]
  /// Its functions in the task in which they were looked up, with the image at `header`.
  private var entryPoints: [ELFClass: (header: UInt64, entries: HostEntryPoints)] = [:]
  /// How far the kernel's pages reach below its image, as far as that is known.
  private var sizesBelow: [ELFClass: UInt64] = [:]
  /// A page of ours without the addresses of the kernel's functions, how far it lies below the kernel's image, and what it is with its
  /// annex.
  private var covering: [ELFClass: CoveringPage] = [:]
  /// What is in the file of the session's time page, how far it lies below the kernel's image, and the image's address in the task for
  /// which its words were made.
  private var shared: [ELFClass: (page: SharedCodePage, distance: UInt64, header: UInt64)] = [:]

  private typealias CoveringPage = (page: [UInt8], distance: UInt64, result: [UInt8])

  /// The kernel's image at `address` in the process, where execve has mapped it; nil if it can't be read.
  mutating func image(at address: UInt64, in memory: ProcessMemory, _ width: ELFClass) -> VDSOImage? {
    if objects[width] == nil {
      let object = (try? VDSOImage(in: memory, at: address))?.object
      objects[width] = object
      functionTables[width] = object.flatMap { $0.vdsoExtent }
        .flatMap { FunctionTables(memory.bytes(at: address, count: Int(clamping: $0))) }
    }
    return objects[width].flatMap { try? VDSOImage($0, mappedAt: address) }
  }

  /// Makes in advance what the first program of this process's word size needs, from the kernel's image in this process.
  mutating func prepare(for supply: PageProvider) {
    let width = ELFClass.native
    guard shared[width] == nil, let space = supply.sharedCode, let header = HostVDSO.address,
      let kernel = image(at: header, in: .own, width), hasTables(width), let maps = try? ProcessMapping.first.get(),
      let first = PlaceBelowVDSO.address(in: maps, header: header, count: 0),
      case .code(let page)? = supply.image(kernel.object.header.machine, entryPoints(of: kernel, width))
    else { return }
    sizesBelow[width] = header - first
    let distance = UInt64(CodePage.coveringSize(page))
    let address = (first - distance) & ~(AuxvKey.pageSize.valueInThisProcess - 1)
    _ = share(covering(page, at: header, from: address, width), at: header, from: address, in: space, width)
  }

  /// The functions of the image that `image` has returned.
  mutating func entryPoints(of image: VDSOImage, _ width: ELFClass) -> HostEntryPoints {
    if let known = entryPoints[width] { return known.entries.moved(by: image.address &- known.header) }
    let entries = HostEntryPoints(image)
    entryPoints[width] = (image.address, entries)
    return entries
  }

  /// Whether the image that `image` has returned says something of its functions.
  func hasTables(_ width: ELFClass) -> Bool { functionTables[width] != nil }

  /// Where in a task that has just been executed `count` bytes, whole pages, are free directly below the kernel's, whose image is at
  /// `header`; nil where they aren't. `isFree` says that nothing is mapped below those.
  mutating func place(
    _ count: UInt64, below header: UInt64, isFree: Bool = false, in task: Int32, _ width: ELFClass
  ) -> UInt64? {
    if let below = sizesBelow[width], header > below + count {
      let first = header - below
      if isFree { return first - count }
      var next = linux_mapping()
      if unsafe linux_next_mapping(task, first - count, &next) == 0, next.start == first { return first - count }
    }
    let maps = (try? SmallFile.contents(of: "/proc/\(task)/maps")) ?? []
    let place = PlaceBelowVDSO.address(in: maps, header: header, count: count)
    sizesBelow[width] = place.map { header - $0 - count }
    return place
  }

  /// What `CodePage.covering` returns: it is made once for all places where the page lies equally far below the kernel's image.
  mutating func covering(_ page: [UInt8], at header: UInt64, from address: UInt64, _ width: ELFClass) -> [UInt8] {
    let addresses = SharedCodePage.addresses(width)
    guard let tables = functionTables[width], page.count >= addresses.upperBound else { return page }
    var relative = page
    for index in addresses { relative[index] = 0 }
    if let known = covering[width], known.distance == header &- address, known.page == relative {
      var result = known.result
      for index in addresses { result[index] = page[index] }
      return result
    }
    let result = CodePage.covering(page, at: address, host: tables, at: header)
    covering[width] = (relative, header &- address, result)
    return result
  }

  /// Stores a page that `covering` has returned in the session's file, without the addresses of the kernel's functions; nil if that isn't
  /// possible. Later tasks get it from `sharedPage`.
  mutating func share(
    _ page: [UInt8], at header: UInt64, from address: UInt64, in space: SharedCode, _ width: ELFClass
  ) -> SharedCodePage? {
    let addresses = SharedCodePage.addresses(width)
    guard page.count >= addresses.upperBound, CodePage.hasMachHeader(Array(page.prefix(Int(VDSO_PAGE_SIZE)))) else {
      return nil
    }
    var bytes = page
    for index in addresses { bytes[index] = 0 }
    guard let filePage = space.page(of: bytes, slot: width == .native ? 0 : 1) else { return nil }
    let result = SharedCodePage(
      filePage: filePage, size: page.count, width,
      words: stride(from: addresses.lowerBound, to: addresses.upperBound, by: 8).map {
        ByteOrder.littleEndian.word(UInt64.self, in: page, at: $0) ?? 0
      })
    shared[width] = (result, header &- address, header)
    return result
  }

  /// What `share` has stored, for a task in which the kernel's image is at `header` and the page at `address`; nil if nothing was stored
  /// for that distance.
  func sharedPage(at header: UInt64, from address: UInt64, _ width: ELFClass) -> SharedCodePage? {
    guard let known = shared[width], known.distance == header &- address else { return nil }
    return known.page.moved(by: header &- known.header)
  }

  /// The size of the pages that `share` has stored.
  func sharedSize(_ width: ELFClass) -> Int? { shared[width]?.page.size }
}

extension VDSOImage {
  /// The address of `count` bytes in the image's last page that it doesn't use, or nil if it has no such gap.
  package func unusedBytes(_ count: Int) -> UInt64? {
    guard let end = object.vdsoExtent else { return nil }
    let pageSize = AuxvKey.pageSize.valueInThisProcess
    let place = ((end + pageSize - 1) & ~(pageSize - 1)) &- UInt64(count)
    return place >= end && place < end + pageSize - 1 ? address + (place & ~7) : nil
  }
}
