// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELF
import ELFEditing
import SimulatedKernel
import VDSOImages

/// The purpose of each byte of a code page.
struct ImageLayout: Encodable {
  /// The purpose of a range of the page.
  enum Kind: String, CaseIterable, Encodable {
    case headers = "ELF headers"
    case symbols = "symbols and hash tables"
    case unwinding = "unwind table"
    case slots = "entry slots"
    case mach = "Mach header"
    case host = "host's entry points"
    case code
    case free
  }

  /// A range of bytes of one purpose.
  struct Region: Encodable {
    var start: Int
    var size: Int
    var kind: Kind
    var name: String
  }

  /// All of the page, in order, without gaps.
  let regions: [Region]

  var free: Int { regions.filter { $0.kind == .free }.reduce(0) { $0 + $1.size } }

  init(_ page: CodePage) throws(ELFError) {
    let known = try Self.known(page)
    // A later region may lie inside an earlier one, and describes its bytes more exactly.
    var owner = [Int?](repeating: nil, count: page.bytes.count)
    for (index, region) in known.enumerated() {
      for byte in region.start..<min(region.start + region.size, owner.count) { owner[byte] = index }
    }
    var regions: [Region] = []
    var last: Int?
    for (byte, index) in owner.enumerated() {
      if !regions.isEmpty, index == last {
        regions[regions.count - 1].size += 1
      } else if let index {
        regions.append(Region(start: byte, size: 1, kind: known[index].kind, name: known[index].name))
      } else {
        regions.append(Region(start: byte, size: 1, kind: .free, name: "zero"))
      }
      last = index
    }
    self.regions = regions.map { region in
      // Such code has no symbol, or the compiler has put it between functions.
      guard region.name == ".text" else { return region }
      let isFilling = page.bytes[region.start..<region.start + region.size].allSatisfy { [0, 0x90, 0xcc].contains($0) }
      return Region(
        start: region.start, size: region.size, kind: isFilling ? .free : .code,
        name: isFilling ? "between functions" : "internal functions, padding")
    }
  }

  /// The known regions of the page. A region that contains others comes before them.
  private static func known(_ page: CodePage) throws(ELFError) -> [Region] {
    let image = try ELFImage(bytes: page.bytes)
    let object = try SharedObject(image)
    let header = image.header
    let sections = Self.sections(page.bytes)
    var regions = sections
    regions.append(Region(start: 0, size: Int(header.headerSize), kind: .headers, name: "ELF header"))
    regions.append(
      Region(
        start: Int(header.programHeaderOffset),
        size: Int(header.programHeaderEntrySize) * Int(header.programHeaderCount), kind: .headers,
        name: "program headers"))
    regions.append(
      Region(
        start: Int(header.sectionHeaderOffset),
        size: Int(header.sectionHeaderEntrySize) * Int(header.sectionHeaderCount), kind: .headers,
        name: "section headers"))
    for segment in object.programHeaders {
      let (start, size) = (Int(segment.fileOffset), Int(segment.fileSize))
      switch segment.type {
      case .dynamic: regions.append(Region(start: start, size: size, kind: .headers, name: "dynamic table"))
      case .note: regions.append(Region(start: start, size: size, kind: .headers, name: "notes"))
      case .unwindTable:
        regions.append(Region(start: start, size: size, kind: .unwinding, name: "unwind table's index"))
      default: break
      }
    }
    regions += tables(try image.dynamicTable(), object, page.bytes)
    for symbol in try object.symbols.defined().sorted(by: { $0.name.count > $1.name.count }) where symbol.size > 0 {
      regions.append(Region(start: Int(symbol.value), size: Int(symbol.size), kind: .code, name: symbol.name))
    }
    let isNarrow = page.architecture == .i386
    regions.append(
      Region(
        start: Int(isNarrow ? VDSO_HOST_OFFSET_I386 : VDSO_HOST_OFFSET_64), size: MemoryLayout<vdso_host_t>.size,
        kind: .host, name: "host's entry points"))
    regions.append(
      Region(
        start: Int(VDSO_HEADER_OFFSET), size: MemoryLayout<vdso_header_t>.size, kind: .mach,
        name: "Mach header and its symbol table"))
    for symbol in page.availableSymbols {
      regions.append(
        Region(
          start: symbol.slotOffset(on: page.architecture), size: Int(VDSO_SLOT_SIZE), kind: .slots,
          name: "slot of \(page.name(of: symbol) ?? "\(symbol.rawValue)")"))
    }
    return regions
  }

  /// The tables that the dynamic table names. In our images addresses equal offsets.
  private static func tables(_ dynamic: DynamicTable, _ object: SharedObject, _ bytes: [UInt8]) -> [Region] {
    let word = object.header.elfClass.wordSize
    let count = object.symbols.count
    func region(_ tag: DynamicTag, _ name: String, _ size: (Int) -> Int) -> Region? {
      dynamic[tag].map { Region(start: Int($0), size: size(Int($0)), kind: .symbols, name: name) }
    }
    return [
      region(.symbols, "dynamic symbols") { _ in count * ELFLayout(bytes).symbolSize },
      region(.strings, "dynamic symbols' names") { _ in Int(dynamic[.stringsSize] ?? 0) },
      region(.hashTable, "DT_HASH") { 4 * (2 + bytes[$0, 4] + bytes[$0 + 4, 4]) },
      region(.gnuHashTable, "DT_GNU_HASH") {
        16 + word * bytes[$0 + 8, 4] + 4 * bytes[$0, 4] + 4 * (count - bytes[$0 + 4, 4])
      },
      region(.versionSymbols, "symbols' versions") { _ in 2 * count },
      // A definition has 20 bytes and one name of 8 bytes.
      region(.versionDefinitions, "version definitions") { _ in 28 * Int(dynamic[.versionDefinitionCount] ?? 0) },
    ].compactMap { $0 }
  }

  /// The code and the unwind table, which only section headers delimit.
  private static func sections(_ bytes: [UInt8]) -> [Region] {
    let layout = ELFLayout(bytes)
    let table = bytes[layout.sectionsField, layout.wordSize]
    func header(_ index: Int) -> Int { table + index * layout.sectionSize }
    let names = bytes[header(bytes[layout.sectionNamesField, 2]) + layout.sectionOffsetField, layout.wordSize]
    return (1..<bytes[layout.sectionCountField, 2]).compactMap { index in
      let place = header(index)
      let name = String(decoding: bytes[(names + bytes[place, 4])...].prefix { $0 != 0 }, as: UTF8.self)
      guard name == ".text" || name == ".eh_frame" else { return nil }
      return Region(
        start: bytes[place + layout.sectionOffsetField, layout.wordSize],
        size: bytes[place + layout.sectionSizeField, layout.wordSize],
        kind: name == ".text" ? .code : .unwinding, name: name == ".text" ? name : "unwind table")
    }
  }
}
