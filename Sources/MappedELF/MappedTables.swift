// SPDX-License-Identifier: Apache-2.0

/// The offsets of a mapped object's tables from its start. They have 32 bits, because the value is copied often and an object is smaller
/// than 4 GiB. Of the tables themselves only the hash table's header has been read.
struct MappedTables {
  var symbols: UInt32 = 0
  var strings: UInt32 = 0
  var stringsSize: UInt32 = 0
  /// nil if the image defines no versions.
  var versions: (indices: UInt32, definitions: UInt32, count: UInt32)?
  var lookup = MappedLookup.linear(count: 0)

  init(_ bytes: MappedBytes, dynamic: NativeSegment, base: UInt) throws(ELFError) {
    var found = Found()
    let start = dynamic.virtualAddress &- base
    let size = UInt(MemoryLayout<NativeDynamicEntry>.size)
    var isTerminated = false
    for index in 0..<dynamic.fileSize / size {
      guard let entry = bytes.load(NativeDynamicEntry.self, at: start &+ index * size) else {
        throw .outsideImage(
          .dynamicTable, offset: UInt64(start), size: UInt64(dynamic.fileSize), imageSize: UInt64(bytes.count))
      }
      if entry.tag == Int(DynamicTag.null.rawValue) {
        isTerminated = true
        break
      }
      found.take(entry, base)
    }
    guard isTerminated else { throw .unterminated(.dynamicTable, offset: UInt64(start)) }
    try self.init(bytes, found)
  }

  private init(_ bytes: MappedBytes, _ found: Found) throws(ELFError) {
    guard let symbols = found.symbols else { throw .missing(.dynamicSymbols) }
    guard let strings = found.strings, let stringsSize = found.stringsSize else { throw .missing(.dynamicStrings) }
    guard strings <= bytes.count, stringsSize <= bytes.count - strings else {
      throw .outsideImage(
        .dynamicStrings, offset: UInt64(strings), size: UInt64(stringsSize), imageSize: UInt64(bytes.count))
    }
    guard symbols < bytes.count else {
      throw .outsideImage(.dynamicSymbols, offset: UInt64(symbols), size: 0, imageSize: UInt64(bytes.count))
    }
    (self.symbols, self.strings, self.stringsSize) = (UInt32(symbols), UInt32(strings), UInt32(stringsSize))
    if let indices = found.versionSymbols, let definitions = found.versionDefinitions {
      // An offset that doesn't fit becomes the largest number, which no read accepts.
      versions = (UInt32(clamping: indices), UInt32(clamping: definitions), UInt32(clamping: found.versionCount ?? 0))
    }
    if let table = found.gnuHashTable {
      lookup = .gnuHash(try MappedGNUHashTable(bytes, at: table))
    } else if let table = found.hashTable {
      lookup = .hash(try MappedHashTable(bytes, at: table))
    } else {
      // In every linker's output the strings follow the symbols. If they don't, the mapping's end is the limit.
      let end = strings > symbols ? strings : bytes.count
      lookup = .linear(count: UInt32((end - symbols) / UInt(MemoryLayout<NativeSymbol>.size)))
    }
  }
}

/// The dynamic table's entries that lead to symbols, as offsets from the start of the image.
private struct Found {
  var symbols: UInt?
  var strings: UInt?
  var stringsSize: UInt?
  var hashTable: UInt?
  var gnuHashTable: UInt?
  var versionSymbols: UInt?
  var versionDefinitions: UInt?
  var versionCount: UInt?

  @inline(__always)
  mutating func take(_ entry: NativeDynamicEntry, _ base: UInt) {
    // An address outside the image wraps to an offset that no read accepts.
    let offset = entry.value &- base
    switch DynamicTag(rawValue: Int64(entry.tag)) {
    case .hashTable: hashTable = hashTable ?? offset
    case .strings: strings = strings ?? offset
    case .symbols: symbols = symbols ?? offset
    case .stringsSize: stringsSize = stringsSize ?? entry.value
    case .gnuHashTable: gnuHashTable = gnuHashTable ?? offset
    case .versionSymbols: versionSymbols = versionSymbols ?? offset
    case .versionDefinitions: versionDefinitions = versionDefinitions ?? offset
    case .versionDefinitionCount: versionCount = versionCount ?? entry.value
    default: break
    }
  }
}
