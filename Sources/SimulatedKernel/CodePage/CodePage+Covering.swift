// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing

extension CodePage {
  /// Returns `page`, one of ours to be mapped at `header`, as the image of all that is mapped from there to the end of the host's image,
  /// which is at `address` above it.
  ///
  /// An unwinder asks the C library which image an address is in, and that knows the one that AT_SYSINFO_EHDR leads to. So the page's
  /// segment reaches over the host's image, in memory alone, and a table behind what the page uses has the functions of both. The
  /// page stays as it is where it is none of ours, or has no room.
  public static func covering(_ page: [UInt8], at header: UInt64, host: HostUnwindTable, at address: UInt64) -> [UInt8]
  {
    let headers = ProgramHeaderTable(page)
    guard hasMachHeader(page), address > header, address - header < 1 << 30,
      let load = headers.entry(.load), let unwind = headers.entry(.unwindTable),
      let own = HostUnwindTable(page)
    else { return page }
    let distance = Int(address - header)
    let used = page.count - page.reversed().prefix { $0 == 0 }.count
    let table = (used + 3) & ~3
    let room = (page.count - table - HostUnwindTable.headerSize) / HostUnwindTable.entrySize - own.entries.count
    let added = host.entries(atMost: room, first: calledFunctions(of: page, hostAt: address))
    guard !added.isEmpty else { return page }

    var result = page
    let rules = unwind.offset + 4 + Int(Int32(truncatingIfNeeded: page[unwind.offset + 4, 4]))
    let all = own.entries + added.map { .init(function: $0.function + distance, rules: $0.rules + distance) }
    result.replaceSubrange(table..<table + 4, with: HostUnwindTable.form)
    result[table + 4, 4] = rules - (table + 4)
    result[table + 8, 4] = all.count
    for (index, entry) in all.enumerated() {
      let place = table + HostUnwindTable.headerSize + index * HostUnwindTable.entrySize
      result[place, 4] = entry.function - table
      result[place + 4, 4] = entry.rules - table
    }
    let layout = ELFLayout(page)
    let size = HostUnwindTable.headerSize + all.count * HostUnwindTable.entrySize
    result.setSegment(unwind.place, layout, address: table, fileSize: size, memorySize: size)
    result.setSegment(load.place, layout, address: 0, fileSize: page.count, memorySize: distance + host.extent)
    return result
  }

  /// Where in the host's image, which is at `address`, the functions are that `page` calls.
  private static func calledFunctions(of page: [UInt8], hostAt address: UInt64) -> [Int] {
    let start = ELFLayout(page).is64Bit ? Int(VDSO_HOST_OFFSET_64) : Int(VDSO_HOST_OFFSET_I386)
    return (0..<6).map { UInt64(bitPattern: Int64(page[start + 8 * $0, 8])) }
      .filter { $0 >= address }.map { Int($0 - address) }
  }
}

extension [UInt8] {
  /// Sets what the program header at `place` says of its segment.
  fileprivate mutating func setSegment(_ place: Int, _ layout: ELFLayout, address: Int, fileSize: Int, memorySize: Int)
  {
    let word = layout.wordSize
    let offsetField = place + (layout.is64Bit ? 8 : 4)
    // Offset, address, and the address that counts for nothing.
    for index in 0..<3 { self[offsetField + word * index, word] = address }
    let sizes = layout.segmentSizeFields(place)
    self[sizes[0], word] = fileSize
    self[sizes[1], word] = memorySize
  }
}
