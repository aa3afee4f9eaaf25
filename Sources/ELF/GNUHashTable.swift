// SPDX-License-Identifier: Apache-2.0

/// GNU's hash table with its Bloom filter, decoded. The corresponding C constant is `DT_GNU_HASH`.
struct GNUHashTable: Sendable {
  /// The first symbol that is in the table.
  let firstSymbol: UInt32
  let filter: [UInt64]
  let filterShift: UInt32
  let filterWordBits: UInt32
  let bucketCount: Int
  /// The buckets, then the hash values of all symbols from `firstSymbol` on, whose lowest bit ends a chain.
  let words: [UInt32]
  /// Where the table starts in the image.
  let offset: UInt64

  /// The first symbol with the hash of `name` for which `matches` holds.
  func find(
    _ name: some Collection<UInt8>, where matches: (Int) throws(ELFError) -> Bool
  ) throws(ELFError) -> Int? {
    let hash = SymbolHash.gnu(name)
    guard mayContain(hash) else { return nil }
    let first = words[Int(hash) % bucketCount]
    guard first != 0 else { return nil }
    var position = try chainPosition(first)
    while position < words.count {
      let word = words[position]
      if (word ^ hash) >> 1 == 0 {
        let symbol = Int(firstSymbol) + position - bucketCount
        if try matches(symbol) { return symbol }
      }
      if word & 1 == 1 { return nil }
      position += 1
    }
    throw .unterminated(.gnuHashTable, offset: offset)
  }

  /// The number of symbols up to the end of the last chain; the table doesn't state it.
  func symbolCount() throws(ELFError) -> Int {
    var last: UInt32 = 0
    for bucket in words.prefix(bucketCount) where bucket > last { last = bucket }
    guard last != 0 else { return Int(firstSymbol) }
    var position = try chainPosition(last)
    while position < words.count {
      if words[position] & 1 == 1 { return Int(firstSymbol) + position - bucketCount + 1 }
      position += 1
    }
    throw .unterminated(.gnuHashTable, offset: offset)
  }

  private func mayContain(_ hash: UInt32) -> Bool {
    let word = filter[Int(hash / filterWordBits) & (filter.count - 1)]
    let second = filterShift < 32 ? hash >> filterShift : 0
    return word >> UInt64(hash % filterWordBits) & word >> UInt64(second % filterWordBits) & 1 == 1
  }

  private func chainPosition(_ symbol: UInt32) throws(ELFError) -> Int {
    guard symbol >= firstSymbol, Int(symbol - firstSymbol) < words.count - bucketCount else {
      throw .indexOutOfRange(
        .gnuHashTable, index: UInt64(symbol), limit: UInt64(firstSymbol) + UInt64(words.count - bucketCount))
    }
    return bucketCount + Int(symbol - firstSymbol)
  }
}
