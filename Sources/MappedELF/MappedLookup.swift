// SPDX-License-Identifier: Apache-2.0

/// How names are looked up in a mapped object, which is by the best table that it has.
enum MappedLookup {
  case gnuHash(MappedGNUHashTable)
  case hash(MappedHashTable)
  case linear(count: UInt32)
}

/// A `DT_GNU_HASH` table in place, which starts `offset` bytes from the start of the image.
struct MappedGNUHashTable {
  let offset: UInt32
  let filterMask: UInt32
  let filterShift: UInt32
  let bucketCount: UInt32
  let firstSymbol: UInt32

  /// The offsets of its parts. They lie inside the image, so these sums can't wrap.
  private var filter: UInt { UInt(offset) + 16 }
  private var buckets: UInt { filter + (UInt(filterMask) + 1) * UInt(MemoryLayout<UInt>.size) }
  private var chains: UInt { buckets + 4 * UInt(bucketCount) }

  init(_ bytes: MappedBytes, at offset: UInt) throws(ELFError) {
    guard let bucketCount = bytes.load(UInt32.self, at: offset),
      let firstSymbol = bytes.load(UInt32.self, at: offset &+ 4),
      let filterCount = bytes.load(UInt32.self, at: offset &+ 8),
      let filterShift = bytes.load(UInt32.self, at: offset &+ 12)
    else { throw Self.outside(bytes, offset, 16) }
    guard bucketCount > 0, filterCount > 0, filterCount & (filterCount - 1) == 0 else {
      throw .badHashTable(.gnuHashTable, offset: UInt64(offset))
    }
    // The product is computed in 64 bits, where a count below 2^32 times 8 can't overflow.
    let filterSize = UInt64(filterCount) * UInt64(MemoryLayout<UInt>.size)
    let size = 16 + filterSize + 4 * UInt64(bucketCount)
    guard size <= UInt64(bytes.count - offset) else { throw Self.outside(bytes, offset, size) }
    self.offset = UInt32(offset)
    (self.bucketCount, self.firstSymbol, self.filterShift) = (bucketCount, firstSymbol, filterShift)
    filterMask = filterCount - 1
  }

  /// Whether the Bloom filter lets the hash pass.
  @inline(__always)
  func mayContain(_ hash: UInt32, in bytes: MappedBytes) -> Bool {
    let bits = UInt32(UInt.bitWidth)
    let place = filter + UInt(hash / bits & filterMask) * UInt(MemoryLayout<UInt>.size)
    guard let word = bytes.load(UInt.self, at: place) else { return false }
    let second = filterShift < 32 ? hash >> filterShift : 0
    return word >> UInt(hash % bits) & word >> UInt(second % bits) & 1 == 1
  }

  @inline(__always)
  func find<Found>(
    _ hash: UInt32, in bytes: MappedBytes, where matches: (UInt32) throws(ELFError) -> Found?
  ) throws(ELFError) -> Found? {
    guard mayContain(hash, in: bytes) else { return nil }
    guard let first = bytes.load(UInt32.self, at: buckets + 4 * UInt(hash % bucketCount)), first != 0 else {
      return nil
    }
    guard first >= firstSymbol else {
      throw .indexOutOfRange(.gnuHashTable, index: UInt64(first), limit: UInt64(firstSymbol))
    }
    var index = first
    let chains = chains
    while true {
      // On 32 bits this may wrap, to an offset that the load refuses or finds inside; the loop ends with the mapping at the latest.
      guard let link = bytes.load(UInt32.self, at: chains &+ 4 &* UInt(index - firstSymbol)) else {
        throw .unterminated(.gnuHashTable, offset: UInt64(offset))
      }
      if (link ^ hash) >> 1 == 0, let symbol = try matches(index) { return symbol }
      guard link & 1 == 0 else { return nil }
      guard index < .max else { throw .unterminated(.gnuHashTable, offset: UInt64(offset)) }
      index += 1
    }
  }

  /// The number of symbols up to the end of the last chain; the table doesn't state it.
  func symbolCount(in bytes: MappedBytes) throws(ELFError) -> UInt32 {
    var last: UInt32 = 0
    for bucket in 0..<UInt(bucketCount) { last = max(last, bytes.load(UInt32.self, at: buckets + 4 * bucket) ?? 0) }
    guard last >= firstSymbol, last > 0 else { return firstSymbol }
    while last < .max, let link = bytes.load(UInt32.self, at: chains &+ 4 &* UInt(last - firstSymbol)) {
      last += 1
      if link & 1 == 1 { return last }
    }
    throw .unterminated(.gnuHashTable, offset: UInt64(offset))
  }

  private static func outside(_ bytes: MappedBytes, _ offset: UInt, _ size: UInt64) -> ELFError {
    .outsideImage(.gnuHashTable, offset: UInt64(offset), size: size, imageSize: UInt64(bytes.count))
  }
}

/// A `DT_HASH` table in place. Its words have 32 bits, so tables of s390x and Alpha are not supported.
struct MappedHashTable {
  let offset: UInt32
  let bucketCount: UInt32
  let symbolCount: UInt32

  init(_ bytes: MappedBytes, at offset: UInt) throws(ELFError) {
    guard let bucketCount = bytes.load(UInt32.self, at: offset),
      let symbolCount = bytes.load(UInt32.self, at: offset &+ 4)
    else { throw .outsideImage(.hashTable, offset: UInt64(offset), size: 8, imageSize: UInt64(bytes.count)) }
    guard bucketCount > 0 else { throw .badHashTable(.hashTable, offset: UInt64(offset)) }
    let size = 4 * (2 + UInt64(bucketCount) + UInt64(symbolCount))
    guard size <= UInt64(bytes.count - offset) else {
      throw .outsideImage(.hashTable, offset: UInt64(offset), size: size, imageSize: UInt64(bytes.count))
    }
    (self.offset, self.bucketCount, self.symbolCount) = (UInt32(offset), bucketCount, symbolCount)
  }

  func find<Found>(
    _ hash: UInt32, in bytes: MappedBytes, where matches: (UInt32) throws(ELFError) -> Found?
  ) throws(ELFError) -> Found? {
    var word = UInt(2 + hash % bucketCount)
    for _ in 0...symbolCount {
      guard let index = bytes.load(UInt32.self, at: UInt(offset) + 4 * word), index != 0 else { return nil }
      guard index < symbolCount else {
        throw .indexOutOfRange(.hashTable, index: UInt64(index), limit: UInt64(symbolCount))
      }
      if let symbol = try matches(index) { return symbol }
      word = 2 + UInt(bucketCount) + UInt(index)
    }
    throw .cycle(.hashTable, offset: UInt64(offset))
  }
}
