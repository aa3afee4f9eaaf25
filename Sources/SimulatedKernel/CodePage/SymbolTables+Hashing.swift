// SPDX-License-Identifier: Apache-2.0

import ELF
import ELFEditing

/// Both hash tables of the gABI and of GNU, each with one bucket: a page has some twenty symbols, and libraries look them up
/// once.
extension SymbolTables {
  /// DT_HASH: counts, the bucket, and a chain through all symbols.
  var hashTable: [UInt8] {
    let count = entries.count
    let chain = (0..<count).map { $0 == 0 || $0 == count - 1 ? 0 : $0 + 1 }
    return Self.words([1, count, count > 1 ? 1 : 0] + chain)
  }

  /// DT_GNU_HASH: counts, one word of the Bloom filter, the bucket, and the hashes in order, the last one marked.
  var gnuHashTable: [UInt8] {
    let shift = 6
    let bits = 8 * layout.wordSize
    let hashes = entries.indices.dropFirst().map { Int(SymbolHash.gnu(name($0).utf8)) }
    let filter = hashes.reduce(UInt64(0)) { $0 | 1 << UInt64($1 % bits) | 1 << UInt64(($1 >> shift) % bits) }
    let filterWords = (0..<layout.wordSize / 4).map { Int(UInt32(truncatingIfNeeded: filter >> UInt64(32 * $0))) }
    let chain = hashes.indices.map { index in
      index == hashes.index(before: hashes.endIndex) ? hashes[index] | 1 : hashes[index] & ~1
    }
    return Self.words([1, 1, 1, shift] + filterWords + [hashes.isEmpty ? 0 : 1] + chain)
  }

  private static func words(_ values: [Int]) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
}
