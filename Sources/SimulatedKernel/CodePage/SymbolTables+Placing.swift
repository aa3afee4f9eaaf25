// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing

extension SymbolTables {
  /// Some readers take this many bytes from the start of a name, however long it is. So the strings end at least so far before the page's
  /// end.
  private static let nameReserve = 31

  /// Returns the page with the tables stored wherever they fit, and the offset of its strings; nil if the gaps are too small.
  func placed() -> (page: [UInt8], strings: Int)? {
    var gaps = free
    var tables = [
      Table(tag: .symbols, sectionType: 11, bytes: entries.flatMap { $0 }, alignment: layout.wordSize),  // SHT_DYNSYM
      Table(tag: .gnuHashTable, bytes: gnuHashTable, alignment: layout.wordSize),
      Table(tag: .hashTable, bytes: hashTable, alignment: 4),
      Table(tag: .versionSymbols, bytes: versions.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }, alignment: 2),
      Table(tag: .strings, sectionType: 3, bytes: strings, alignment: 1),  // SHT_STRTAB
      Table(bytes: sections, alignment: layout.wordSize),
    ]
    tables.sort { $0.bytes.count > $1.bytes.count }
    var result = page
    var sectionsPlace = 0
    var stringsPlace = 0
    var loadEnd = 0
    for table in tables {
      let reserve = table.tag == .strings ? Self.nameReserve : 0
      guard let place = Self.take(table.bytes.count, alignment: table.alignment, reserve: reserve, from: &gaps) else {
        return nil
      }
      result.replaceSubrange(place..<place + table.bytes.count, with: table.bytes)
      guard let tag = table.tag else {
        sectionsPlace = place
        continue
      }
      result[layout.dynamicField(tag, in: result), layout.wordSize] = place
      loadEnd = max(loadEnd, place + table.bytes.count)
      if tag == .strings { stringsPlace = place }
    }
    result[layout.dynamicField(.stringsSize, in: result), layout.wordSize] = strings.count
    result[layout.sectionsField, layout.wordSize] = sectionsPlace
    for table in tables where table.sectionType != nil { setSection(table, in: &result) }
    growSegment(to: loadEnd, in: &result)
    return (result, stringsPlace)
  }

  private struct Table {
    var tag: DynamicTag?
    var sectionType: Int?
    var bytes: [UInt8]
    var alignment: Int
  }

  /// Takes `count` bytes from the first range that has as many, with `reserve` more bytes of the page behind them.
  private static func take(_ count: Int, alignment: Int, reserve: Int, from gaps: inout [Range<Int>]) -> Int? {
    for (index, range) in gaps.enumerated() {
      let start = (range.lowerBound + alignment - 1) / alignment * alignment
      guard start + count <= range.upperBound, start + count + reserve <= Int(VDSO_PAGE_SIZE) else { continue }
      gaps[index] = start + count..<range.upperBound
      return start
    }
    return nil
  }

  /// Writes the offset of `table` to the section header of its type.
  private func setSection(_ table: Table, in file: inout [UInt8]) {
    let place = file[layout.dynamicField(table.tag!, in: file), layout.wordSize]
    let start = file[layout.sectionsField, layout.wordSize]
    for header in stride(from: start, to: start + sections.count, by: layout.sectionSize)
    where file[header + 4, 4] == table.sectionType {
      file[header + layout.sectionAddressField, layout.wordSize] = place
      file[header + layout.sectionOffsetField, layout.wordSize] = place
      file[header + layout.sectionSizeField, layout.wordSize] = table.bytes.count
    }
  }

  private func growSegment(to end: Int, in file: inout [UInt8]) {
    for field in layout.segmentSizeFields(layout.programHeader(.load, in: file)) {
      file[field, layout.wordSize] = max(file[field, layout.wordSize], end)
    }
  }
}
