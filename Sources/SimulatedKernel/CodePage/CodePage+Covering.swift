// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing

extension CodePage {
  /// The size of `page` with its annex of tables, if it is one of our pages, which `covering` needs.
  public static func coveringSize(_ page: [UInt8]) -> Int { page.count + (hasMachHeader(page) ? annexSize : 0) }

  /// The size of the tables of one of our pages: one page, of which half is in use.
  public static let annexSize = Int(VDSO_PAGE_SIZE)

  /// Returns `page`, one of our pages that is mapped at `header`, with an annex behind it. Together they are an image of everything from
  /// there to the end of the host's image, which is mapped at `address` above it.
  ///
  /// An unwinder asks the C library which image an address belongs to, and the C library knows only the image that AT_SYSINFO_EHDR names;
  /// debuggers read that image too. Therefore the page's segment reaches over the host's image, in memory alone, and the annex has unwind
  /// rules and names for the functions of both. A page that isn't ours is returned unchanged.
  public static func covering(_ page: [UInt8], at header: UInt64, host: FunctionTables, at address: UInt64) -> [UInt8] {
    let headers = ProgramHeaderTable(page)
    guard hasMachHeader(page), address > header, address - header < 1 << 30,
      let load = headers.entry(.load), let unwind = headers.entry(.unwindTable), let own = FunctionTables(page)
    else { return page }
    let distance = Int(address - header)
    let called = calledFunctions(of: page, hostAt: address)
    func annex(_ count: Int) -> FunctionAnnex {
      FunctionAnnex(
        of: page, own, hostRules: host.rules(atMost: count, first: called), host: host, distance: distance,
        at: page.count)
    }
    // No kernel so far has more functions than fit.
    var count = host.rules.count
    var added = annex(count)
    while added.bytes.count > annexSize, count > 0 {
      count -= 1
      added = annex(count)
    }
    guard added.bytes.count <= annexSize else { return page }

    let layout = ELFLayout(page)
    var result = page + added.bytes + [UInt8](repeating: 0, count: annexSize - added.bytes.count)
    result.setSegment(unwind.place, layout, address: page.count, fileSize: added.indexSize, memorySize: added.indexSize)
    result.setSegment(load.place, layout, address: 0, fileSize: result.count, memorySize: distance + host.extent)
    if added.sections.count > 0 {
      result[layout.sectionsField, layout.wordSize] = added.sections.place
      result[layout.sectionCountField, 2] = added.sections.count
      result[layout.sectionNamesField, 2] = added.sections.names
    }
    return result
  }

  /// The offsets, in the host's image at `address`, of the functions that `page` calls.
  private static func calledFunctions(of page: [UInt8], hostAt address: UInt64) -> [Int] {
    let start = ELFLayout(page).is64Bit ? Int(VDSO_HOST_OFFSET_64) : Int(VDSO_HOST_OFFSET_I386)
    return (0..<6).map { UInt64(bitPattern: Int64(page[start + 8 * $0, 8])) }
      .filter { $0 >= address }.map { Int($0 - address) }
  }
}

extension [UInt8] {
  /// Sets the fields of the program header at `place` for its segment.
  fileprivate mutating func setSegment(_ place: Int, _ layout: ELFLayout, address: Int, fileSize: Int, memorySize: Int)
  {
    let word = layout.wordSize
    let offsetField = place + (layout.is64Bit ? 8 : 4)
    // The offset, the address, and the physical address, which isn't used.
    for index in 0..<3 { self[offsetField + word * index, word] = address }
    let sizes = layout.segmentSizeFields(place)
    self[sizes[0], word] = fileSize
    self[sizes[1], word] = memorySize
  }
}
