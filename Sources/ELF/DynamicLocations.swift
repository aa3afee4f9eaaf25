// SPDX-License-Identifier: Apache-2.0

/// Where the tables that the dynamic table names lie in the image, and how far each can reach.
struct DynamicLocations {
  let table: DynamicTable
  let segments: SegmentMap
  let byteCount: UInt64

  /// The best way to look names up that the image offers.
  var bestLookup: DynamicSymbols.Lookup {
    if table[.gnuHashTable] != nil { return .gnuHash }
    return table[.hashTable] != nil ? .hash : .linear
  }

  /// Where a table starts, with at least `size` bytes in its segment.
  func start(_ part: ELFPart, _ tag: DynamicTag, size: UInt64) throws(ELFError) -> UInt64 {
    guard let address = table[tag] else { throw .missing(part) }
    return try segments.range(part, at: address, size: size).offset
  }

  /// Where a table of unstated size starts, and its longest possible size: to the next table or the end of its
  /// segment or the image.
  func extent(_ part: ELFPart, _ tag: DynamicTag, least: UInt64) throws(ELFError) -> (offset: UInt64, size: UInt64) {
    guard let address = table[tag] else { throw .missing(part) }
    var (offset, size) = try segments.range(part, at: address, size: least)
    for entry in table.entries where Self.isTable(entry.tag) && entry.value > address {
      size = min(size, max(least, entry.value - address))
    }
    // A table that reaches out of the image is reported when it is read, unless its least size is all that is needed.
    return (offset, offset < byteCount ? max(least, min(size, byteCount - offset)) : size)
  }

  private static func isTable(_ tag: DynamicTag) -> Bool {
    switch tag {
    case .hashTable, .strings, .symbols, .gnuHashTable, .versionSymbols, .versionDefinitions, .versionNeeds: true
    default: false
    }
  }
}
