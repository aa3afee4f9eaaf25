// SPDX-License-Identifier: Apache-2.0

import ELF

/// The two hash functions of ELF, written from their definitions as an oracle for the library's.
public enum ELFHash {
  public static func sysv(_ name: String) -> UInt32 {
    var hash: UInt32 = 0
    for byte in name.utf8 {
      hash = (hash << 4) &+ UInt32(byte)
      let high = hash & 0xf000_0000
      hash ^= high >> 24
      hash &= ~high
    }
    return hash
  }

  public static func gnu(_ name: String) -> UInt32 {
    name.utf8.reduce(5381) { $0 &* 33 &+ UInt32($1) }
  }
}

extension ELFImageBuilder {
  /// Writes `DT_HASH`, of 32-bit words, or 64-bit words for 64-bit s390.
  func writeHashTable(_ writer: inout ByteWriter, _ ordered: [Symbol]) {
    let bucketCount = max(1, ordered.count / 2)
    var buckets = [UInt32](repeating: 0, count: bucketCount)
    var chains = [UInt32](repeating: 0, count: ordered.count + 1)
    for (position, symbol) in ordered.enumerated() {
      let bucket = Int(ELFHash.sysv(symbol.name)) % bucketCount
      chains[position + 1] = buckets[bucket]
      buckets[bucket] = UInt32(position + 1)
    }
    let isWide = machine == .s390 && variant.is64
    for word in [UInt32(bucketCount), UInt32(ordered.count + 1)] + buckets + chains {
      if isWide { writer.put(UInt64(word)) } else { writer.put(word) }
    }
  }
}

/// The order of symbols for `DT_GNU_HASH`: undefined ones first, then by bucket.
struct GNUHashLayout {
  let symbols: [ELFImageBuilder.Symbol]
  private let undefinedCount: Int
  private let bucketCount: Int
  private let is64: Bool

  init(_ builder: ELFImageBuilder) {
    let undefined = builder.symbols.filter { $0.section == 0 }
    let defined = builder.symbols.filter { $0.section != 0 }
    let bucketCount = max(1, UInt32(defined.count / 2))
    self.bucketCount = Int(bucketCount)
    undefinedCount = undefined.count
    is64 = builder.variant.is64
    symbols =
      undefined + defined.sorted { ELFHash.gnu($0.name) % bucketCount < ELFHash.gnu($1.name) % bucketCount }
  }

  func write(_ writer: inout ByteWriter) {
    let hashes = symbols.dropFirst(undefinedCount).map { ELFHash.gnu($0.name) }
    let first = UInt32(undefinedCount + 1)
    let wordBits: UInt32 = is64 ? 64 : 32
    var filter: UInt64 = 0
    var buckets = [UInt32](repeating: 0, count: bucketCount)
    for (position, hash) in hashes.enumerated() {
      filter |= 1 << UInt64(hash % wordBits) | 1 << UInt64((hash >> 6) % wordBits)
      let bucket = Int(hash) % bucketCount
      if buckets[bucket] == 0 { buckets[bucket] = first + UInt32(position) }
    }
    for word in [UInt32(bucketCount), first, 1, 6] { writer.put(word) }
    writer.putWord(filter)
    for bucket in buckets { writer.put(bucket) }
    for (position, hash) in hashes.enumerated() {
      let next = position + 1 < hashes.count ? Int(hashes[position + 1]) % bucketCount : -1
      writer.put(hash & ~1 | (next == Int(hash) % bucketCount ? 0 : 1))
    }
  }
}
