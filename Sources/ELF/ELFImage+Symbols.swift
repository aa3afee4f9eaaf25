// SPDX-License-Identifier: Apache-2.0

internal import CElf

extension ELFImage {
  /// The dynamic symbols, found by the dynamic table alone: section headers may be stripped.
  ///
  /// Names are looked up through `lookup`. By default it is the best table that the image has: GNU's, else the specification's, else none.
  /// Throws `.missing` if the image lacks a table that is needed.
  public func dynamicSymbols(lookup: DynamicSymbols.Lookup? = nil) throws(ELFError) -> DynamicSymbols {
    let segments = try SegmentMap(self)
    let tables = DynamicLocations(table: try dynamicTable(segments), segments: segments, byteCount: byteCount)
    let lookup = lookup ?? tables.bestLookup
    let strings = try strings(tables)
    let gnuHashTable = lookup == .gnuHash ? try gnuHashTable(tables) : nil
    let count = try symbolCount(tables, gnuHashTable)
    let versions = try versionDefinitions(tables, strings)
    return DynamicSymbols(
      lookup: lookup,
      versions: versions,
      soname: try soname(tables, strings),
      symbols: try symbols(tables, count),
      strings: strings,
      versionIndices: versions.isEmpty ? [] : try versionIndices(tables, count),
      needsVersions: tables.table[.versionNeeds] != nil,
      hashTable: lookup == .hash ? try hashTable(tables) : nil,
      gnuHashTable: gnuHashTable)
  }

  private func strings(_ tables: DynamicLocations) throws(ELFError) -> StringTable {
    guard let size = tables.table[.stringsSize] else { throw .missing(.dynamicStrings) }
    let offset = try tables.start(.dynamicStrings, .strings, size: size)
    return StringTable(bytes: try bytes(.dynamicStrings, at: offset, count: size), offset: offset)
  }

  private func soname(_ tables: DynamicLocations, _ strings: StringTable) throws(ELFError) -> String? {
    guard let offset = tables.table[.soname] else { return nil }
    return try strings.string(at: UInt32(clamping: offset))
  }

  /// The number of symbols. Only the hash tables state it; without one, it is the number of entries that fit before the next table.
  private func symbolCount(_ tables: DynamicLocations, _ gnuHashTable: GNUHashTable?) throws(ELFError) -> UInt64 {
    if tables.table[.hashTable] != nil { return try hashTableHeader(tables).symbols }
    if let gnuHashTable { return UInt64(try gnuHashTable.symbolCount()) }
    if tables.table[.gnuHashTable] != nil { return UInt64(try self.gnuHashTable(tables).symbolCount()) }
    return try tables.extent(.dynamicSymbols, .symbols, least: symbolSize).size / symbolSize
  }

  private var symbolSize: UInt64 { entrySize(bits32: Elf32_Sym.self, bits64: Elf64_Sym.self) }

  private func symbols(_ tables: DynamicLocations, _ count: UInt64) throws(ELFError) -> [RawSymbol] {
    if let stated = tables.table[.symbolSize], stated != symbolSize {
      throw .wrongEntrySize(.dynamicSymbols, offset: tables.table.offset, found: stated, expected: symbolSize)
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: symbolSize)
    let offset = try tables.start(.dynamicSymbols, .symbols, size: overflow ? .max : size)
    return try table(
      .dynamicSymbols, at: offset, count: count, type: ELF_T_SYM,
      bits32: { (entry: Elf32_Sym) in RawSymbol(entry) }, bits64: { (entry: Elf64_Sym) in RawSymbol(entry) })
  }

  private func versionIndices(_ tables: DynamicLocations, _ count: UInt64) throws(ELFError) -> [UInt16] {
    guard tables.table[.versionSymbols] != nil else { return [] }
    let offset = try tables.start(.versionSymbols, .versionSymbols, size: count * 2)
    return try table(
      .versionSymbols, at: offset, count: count, type: ELF_T_HALF,
      bits32: { (index: UInt16) in index }, bits64: { (index: UInt16) in index })
  }
}
