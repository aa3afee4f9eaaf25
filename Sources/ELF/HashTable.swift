// SPDX-License-Identifier: Apache-2.0

/// The hash table of the ELF specification, decoded. The corresponding C constant is `DT_HASH`.
struct HashTable: Sendable {
  let buckets: [UInt32]
  let chains: [UInt32]
  /// Where the table starts in the image.
  let offset: UInt64

  /// The first symbol of the chain that `name` belongs to for which `matches` holds.
  func find(
    _ name: some Collection<UInt8>, where matches: (Int) throws(ELFError) -> Bool
  ) throws(ELFError) -> Int? {
    var index = buckets[Int(SymbolHash.systemV(name) % UInt32(buckets.count))]
    var steps = 0
    while index != 0 {
      guard Int(index) < chains.count else {
        throw .indexOutOfRange(.hashTable, index: UInt64(index), limit: UInt64(chains.count))
      }
      guard steps < chains.count else { throw .cycle(.hashTable, offset: offset) }
      if try matches(Int(index)) { return Int(index) }
      index = chains[Int(index)]
      steps += 1
    }
    return nil
  }
}
