// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// The tables behind a page in a process that describe its functions and the host's: `.eh_frame_hdr`, `.eh_frame`, `.symtab`, its strings,
/// and the section headers.
struct FunctionAnnex {
  private(set) var bytes: [UInt8] = []
  /// The size of `.eh_frame_hdr`, with which the annex begins.
  let indexSize: Int
  /// The section headers: their offset from the page's start, their number, and the index of the table of their names.
  private(set) var sections = (place: 0, count: 0, names: 0)
  /// The offset of the annex from the page's start.
  private let start: Int

  /// The names of the parts of the code that no symbol covers. The host's names get a prefix, because the page has most of them too. Names
  /// don't begin with a letter, because gdb would read such a name as one of Ada's.
  private static let (pageInternal, hostInternal) = ("__vdso_internal", "internal")
  private static let hostPrefix = "_host."
  private static let hostSection = ".text.host"

  /// The annex of `page`, `start` bytes behind the page's header, for a host's image `distance` bytes above that header.
  init(
    of page: [UInt8], _ own: FunctionTables, hostRules: [FunctionTables.Rules], host: FunctionTables, distance: Int,
    at start: Int
  ) {
    self.start = start
    let rules =
      own.rules
      + hostRules.map { rules in
        var moved = rules
        moved.function += distance
        return moved
      }
    indexSize = FunctionTables.headerSize + rules.count * FunctionTables.pairSize
    bytes = [UInt8](repeating: 0, count: indexSize)
    let unwind = appendRules(rules)
    appendTables(of: page, own, host, distance, unwind)
  }

  private var end: Int { start + bytes.count }

  private mutating func align() { while bytes.count % 8 != 0 { bytes.append(0) } }

  /// Appends `.eh_frame`, and fills in `.eh_frame_hdr`, which is relative to its own start. Returns the range of the rules.
  private mutating func appendRules(_ rules: [FunctionTables.Rules]) -> Range<Int> {
    align()
    let place = end
    bytes.replaceSubrange(0..<4, with: FunctionTables.form)
    bytes[4, 4] = place - (start + 4)
    bytes[8, 4] = rules.count
    var parents: [(bytes: [UInt8], place: Int)] = []
    for (index, rule) in rules.enumerated() {
      let parent: Int
      if let known = parents.first(where: { $0.bytes == rule.parent }) {
        parent = known.place
      } else {
        parent = bytes.count
        parents.append((rule.parent, parent))
        bytes += rule.parent
      }
      let entry = bytes.count
      bytes += rule.entry
      bytes[entry + 4, 4] = entry + 4 - parent
      bytes[entry + 8, 4] = rule.function - (start + entry + 8)
      let pair = FunctionTables.headerSize + index * FunctionTables.pairSize
      bytes[pair, 4] = rule.function - start
      bytes[pair + 4, 4] = entry
    }
    // A length of 0 ends the rules.
    bytes += [0, 0, 0, 0]
    return place..<end
  }

  /// Appends symbols, strings, and the page's section headers together with those of the new sections.
  private mutating func appendTables(
    of page: [UInt8], _ own: FunctionTables, _ host: FunctionTables, _ distance: Int, _ unwind: Range<Int>
  ) {
    let layout = ELFLayout(page)
    let table = SectionHeaderTable(page)
    guard let strings = table.strings, let code = table.codeNumber else { return }
    var names = Array(page[strings])
    func name(_ text: [UInt8]) -> Int {
      let found = names.indices.first {
        names[$0] == text[0] && names[$0...].starts(with: text) && names[$0 + text.count] == 0
      }
      if let found { return found }
      names += text + [0]
      return names.count - text.count - 1
    }
    var headers = table.headers
    let unwindName = name(Array(".eh_frame".utf8))
    for index in headers.indices where headers[index][0, 4] == unwindName {
      headers[index].setSection(layout, address: unwind.lowerBound, size: unwind.count)
    }
    // The section of the host's code has no contents in the file.
    let hostSection = headers.count
    headers.append(headers[code])
    headers[hostSection][0, 4] = name(Array(Self.hostSection.utf8))
    headers[hostSection][4, 4] = 8  // SHT_NOBITS
    headers[hostSection].setSection(layout, address: distance, size: host.extent)
    // The first symbol is empty.
    align()
    let symbolsStart = end
    bytes += [UInt8](repeating: 0, count: layout.symbolSize)
    for (symbols, section, shift, prefix) in [
      (own.symbols(naming: Self.pageInternal), code, 0, ""),
      (host.symbols(naming: Self.hostInternal), hostSection, distance, Self.hostPrefix),
    ] {
      for symbol in symbols {
        var row = [UInt8](repeating: 0, count: layout.symbolSize)
        row[0, 4] = name(Array(prefix.utf8) + symbol.name)
        row[layout.valueField, layout.wordSize] = symbol.value &+ shift
        row[layout.symbolLengthField, layout.wordSize] = symbol.size
        row[layout.infoField] = 0x12  // STB_GLOBAL, STT_FUNC
        row[layout.symbolSectionField, 2] = section
        bytes += row
      }
    }
    var symbolHeader = headers[0]
    symbolHeader[4, 4] = 2  // SHT_SYMTAB
    symbolHeader.setSection(layout, address: 0, offset: symbolsStart, size: end - symbolsStart)
    symbolHeader[layout.sectionLinkField, 4] = headers.count + 1
    symbolHeader[layout.sectionLinkField + 4, 4] = 1  // The first global one.
    symbolHeader[layout.sectionLinkField + 8 + layout.wordSize, layout.wordSize] = layout.symbolSize
    let symbolName = name(Array(".symtab".utf8))
    let stringsName = name(Array(".strtab".utf8))
    symbolHeader[0, 4] = symbolName
    var stringsHeader = headers[0]
    stringsHeader[0, 4] = stringsName
    stringsHeader[4, 4] = 3  // SHT_STRTAB
    stringsHeader.setSection(layout, address: 0, offset: end, size: names.count)
    bytes += names
    align()
    headers += [symbolHeader, stringsHeader]
    sections = (end, headers.count, headers.count - 1)
    for header in headers { bytes += header }
  }
}

extension [UInt8] {
  /// Sets a section's location in its header. `offset` is its offset in the file, if that differs from its address.
  fileprivate mutating func setSection(_ layout: ELFLayout, address: Int, offset: Int? = nil, size: Int) {
    self[layout.sectionAddressField, layout.wordSize] = address
    self[layout.sectionOffsetField, layout.wordSize] = offset ?? address
    self[layout.sectionSizeField, layout.wordSize] = size
  }
}
