// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// The dynamic symbols of a code page, taken out of the page so that symbols can be added.
///
/// Assumes a page that keeps the rules of code pages: its offsets are not checked again.
struct SymbolTables {
  /// The page, with zeros where the tables were.
  private(set) var page: [UInt8]
  let layout: ELFLayout
  /// The entries, the empty one first, as the file has them.
  private(set) var entries: [[UInt8]]
  /// The version index of each entry.
  private(set) var versions: [Int]
  private(set) var strings: [UInt8]
  /// The section headers, as the file has them.
  private(set) var sections: [UInt8]
  /// The gaps of the page, in ascending order.
  private(set) var free: [Range<Int>]

  init(takenFrom page: [UInt8]) {
    let layout = ELFLayout(page)
    let gnuHash = page[layout.dynamicField(.gnuHashTable, in: page), layout.wordSize]
    let hash = page[layout.dynamicField(.hashTable, in: page), layout.wordSize]
    let symbols = page[layout.dynamicField(.symbols, in: page), layout.wordSize]
    let versions = page[layout.dynamicField(.versionSymbols, in: page), layout.wordSize]
    let strings = page[layout.dynamicField(.strings, in: page), layout.wordSize]
    let stringsSize = page[layout.dynamicField(.stringsSize, in: page), layout.wordSize]
    let count = page[hash + 4, 4]
    let sections = page[layout.sectionsField, layout.wordSize]
    let sectionsSize = page[layout.sectionCountField, 2] * layout.sectionSize

    self.layout = layout
    entries = (0..<count).map { Array(page[(symbols + $0 * layout.symbolSize)...].prefix(layout.symbolSize)) }
    self.versions = (0..<count).map { page[versions + 2 * $0, 2] }
    self.strings = Array(page[strings..<strings + stringsSize])
    self.sections = Array(page[sections..<sections + sectionsSize])
    let gnuHashSize =
      16 + page[gnuHash + 8, 4] * layout.wordSize + 4 * page[gnuHash, 4] + 4 * (count - page[gnuHash + 4, 4])
    let end = max(strings + stringsSize, sections + sectionsSize)
    let places = [
      gnuHash..<gnuHash + gnuHashSize, hash..<hash + 8 + 4 * (page[hash, 4] + count),
      symbols..<symbols + count * layout.symbolSize, versions..<versions + 2 * count, strings..<strings + stringsSize,
      sections..<sections + sectionsSize, end..<page.count,
    ]
    free = Self.joined(places)
    self.page = page
    for place in places { self.page.replaceSubrange(place, with: repeatElement(0, count: place.count)) }
  }

  /// The name of entry `index`.
  func name(_ index: Int) -> String {
    String(decoding: strings[entries[index][0, 4]...].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The value of entry `index`, which is the start of the function.
  func value(_ index: Int) -> Int { entries[index][layout.valueField, layout.wordSize] }

  /// Adds a global symbol `name` for the function of entry `index`, with the same version. Returns the offset of the name in the strings.
  mutating func append(_ name: String, for index: Int) -> Int {
    let start = strings.count
    strings += Array(name.utf8) + [0]
    var entry = entries[index]
    entry[0, 4] = start
    entry[layout.infoField] = SymbolBinding.global.rawValue << 4 | entry[layout.infoField] & 0xf
    entries.append(entry)
    versions.append(versions[index])
    return start
  }

  /// Joins ranges that are less than a word apart: the bytes between them are padding.
  private static func joined(_ places: [Range<Int>]) -> [Range<Int>] {
    places.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, place in
      guard let last = joined.last, place.lowerBound - last.upperBound < 8 else { return joined.append(place) }
      joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, place.upperBound)
    }
  }
}
