// SPDX-License-Identifier: Apache-2.0

internal import CElf

extension ELFImage {
  /// Whether the words of `DT_HASH` have 64 bits, as on 64-bit s390 and on Alpha.
  private var has64BitHashTable: Bool {
    header.elfClass == .bits64 && (header.machine == .s390 || header.machine.rawValue == 0x9026)
  }

  /// The two counts that `DT_HASH` begins with.
  func hashTableHeader(_ tables: DynamicLocations) throws(ELFError) -> (buckets: UInt64, symbols: UInt64) {
    let header = try hashWords(at: tables.start(.hashTable, .hashTable, size: has64BitHashTable ? 16 : 8), count: 2)
    return (UInt64(header[0]), UInt64(header[1]))
  }

  func hashTable(_ tables: DynamicLocations) throws(ELFError) -> HashTable {
    let counts = try hashTableHeader(tables)
    let width: UInt64 = has64BitHashTable ? 8 : 4
    // Both counts are below 2^32, so the sum can't overflow.
    let offset = try tables.start(.hashTable, .hashTable, size: width * (2 + counts.buckets + counts.symbols))
    guard counts.buckets > 0 else { throw .badHashTable(.hashTable, offset: offset) }
    let words = try hashWords(at: offset + 2 * width, count: counts.buckets + counts.symbols)
    return HashTable(
      buckets: Array(words[..<Int(counts.buckets)]), chains: Array(words[Int(counts.buckets)...]), offset: offset)
  }

  /// Words of `DT_HASH`. Indices fit in 32 bits; a wider word becomes the largest one, which is out of range.
  private func hashWords(at offset: UInt64, count: UInt64) throws(ELFError) -> [UInt32] {
    guard has64BitHashTable else { return try words(.hashTable, at: offset, count: count) }
    return try table(
      .hashTable, at: offset, count: count, type: ELF_T_XWORD,
      bits32: { (word: UInt64) in UInt32(clamping: word) }, bits64: { (word: UInt64) in UInt32(clamping: word) })
  }

  func gnuHashTable(_ tables: DynamicLocations) throws(ELFError) -> GNUHashTable {
    let (offset, size) = try tables.extent(.gnuHashTable, .gnuHashTable, least: 16)
    let header = try words(.gnuHashTable, at: offset, count: 4)
    let (bucketCount, firstSymbol, filterCount) = (UInt64(header[0]), header[1], UInt64(header[2]))
    guard bucketCount > 0, filterCount > 0, filterCount & (filterCount - 1) == 0 else {
      throw .badHashTable(.gnuHashTable, offset: offset)
    }
    let filterSize = filterCount * UInt64(self.header.elfClass.wordSize)
    let least = 16 + filterSize + 4 * bucketCount
    guard least <= size else {
      throw .outsideImage(.gnuHashTable, offset: offset, size: least, imageSize: byteCount)
    }
    return GNUHashTable(
      firstSymbol: firstSymbol,
      filter: try filter(at: offset + 16, count: filterCount),
      filterShift: header[3],
      filterWordBits: UInt32(self.header.elfClass.wordSize * 8),
      bucketCount: Int(bucketCount),
      words: try words(.gnuHashTable, at: offset + 16 + filterSize, count: (size - 16 - filterSize) / 4),
      offset: offset)
  }

  private func filter(at offset: UInt64, count: UInt64) throws(ELFError) -> [UInt64] {
    try table(
      .gnuHashTable, at: offset, count: count, type: header.elfClass == .bits64 ? ELF_T_XWORD : ELF_T_WORD,
      bits32: { (word: UInt32) in UInt64(word) }, bits64: { (word: UInt64) in word })
  }

  private func words(_ part: ELFPart, at offset: UInt64, count: UInt64) throws(ELFError) -> [UInt32] {
    try table(
      part, at: offset, count: count, type: ELF_T_WORD,
      bits32: { (word: UInt32) in word }, bits64: { (word: UInt32) in word })
  }
}
