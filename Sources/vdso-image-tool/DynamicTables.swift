// SPDX-License-Identifier: Apache-2.0

import ELF
import ELFEditing

/// Makes the hash tables and the strings of an image, which are its last sections, smaller than the linker does.
///
/// The linker's hash tables have about one bucket per symbol, and its string table holds a name and that name's end separately. The section
/// names need no table of their own: they are put among the dynamic strings.
enum DynamicTables {
  private static let symbolsPerBucket = 6

  /// The changed image, its strings, and the offset of their end.
  struct Result {
    var image: LinkedImage
    var strings: DynamicStrings
    var end: Int
  }

  /// Returns `image` with these sections rewritten. The string table also holds `sectionNames`.
  static func compacted(_ image: LinkedImage, sectionNames: [String]) throws -> Result {
    var image = image
    let gnuHash = try image.section(".gnu.hash")
    let hash = try image.section(".hash")
    let strings = try image.section(".dynstr")
    let symbols = try image.symbols()
    let base = image.offset(strings)
    let nameFields = try symbols + versionNameFields(of: image) + [image.dynamicField(.soname)]
    let names = nameFields.map { image.string(at: base + image[$0, 4]) }
    let compact = DynamicStrings(of: names + sectionNames)
    for (field, name) in zip(nameFields, names) { image[field, 4] = compact.offset(of: name) }

    let symbolNames = names.prefix(symbols.count).map { $0 }
    var end = image.offset(gnuHash)
    func append(_ table: [UInt8], as section: Int) {
      image.bytes.replaceSubrange(end..<end + table.count, with: table)
      image.setPlace(section, offset: end, size: table.count)
      end += table.count
    }
    append(gnuHashTable(of: symbolNames, wordSize: image.wordSize), as: gnuHash)
    image[try image.dynamicField(.hashTable), image.wordSize] = end
    append(hashTable(of: symbolNames), as: hash)
    append(compact.bytes, as: strings)
    image[try image.dynamicField(.strings), image.wordSize] = image.offset(strings)
    image[try image.dynamicField(.stringsSize), image.wordSize] = compact.bytes.count
    image.setSegmentSize(end)
    return Result(image: image, strings: compact, end: end)
  }

  /// The offsets of the fields that name versions, one in each auxiliary entry of the definitions.
  private static func versionNameFields(of image: LinkedImage) throws -> [Int] {
    let section = try image.section(".gnu.version_d")
    var fields: [Int] = []
    var definition = image.offset(section)
    while true {
      var auxiliary = definition + image[definition + 12, 4]
      for _ in 0..<image[definition + 6, 2] {
        fields.append(auxiliary)
        auxiliary += image[auxiliary + 4, 4]
      }
      let next = image[definition + 16, 4]
      if next == 0 { return fields }
      definition += next
    }
  }

  /// The table of DT_HASH: counts, buckets, chains. A chain leads from each symbol to the next one in its bucket.
  private static func hashTable(of names: [String]) -> [UInt8] {
    let bucketCount = (names.count + symbolsPerBucket - 1) / symbolsPerBucket
    var buckets = [Int](repeating: 0, count: bucketCount)
    var chains = [Int](repeating: 0, count: names.count)
    for index in names.indices.dropFirst().reversed() {
      let bucket = Int(SymbolHash.systemV(names[index].utf8)) % bucketCount
      chains[index] = buckets[bucket]
      buckets[bucket] = index
    }
    return bytes([bucketCount, names.count] + buckets + chains)
  }

  /// The table of DT_GNU_HASH with one bucket, so that symbols may stand in any order, and one word of the Bloom filter:
  /// counts, filter, bucket, and the hashes in order, the last one marked.
  private static func gnuHashTable(of names: [String], wordSize: Int) -> [UInt8] {
    let bits = 8 * wordSize, shift = 6
    let hashes = names.dropFirst().map { Int(SymbolHash.gnu($0.utf8)) }
    let filter = hashes.reduce(UInt64(0)) { $0 | 1 << UInt64($1 % bits) | 1 << UInt64(($1 >> shift) % bits) }
    let filterWords = wordSize == 4 ? [Int(filter)] : [Int(filter & 0xffff_ffff), Int(filter >> 32)]
    let chain = hashes.dropLast().map { $0 & ~1 } + hashes.suffix(1).map { $0 | 1 }
    return bytes([1, 1, 1, shift] + filterWords + [1] + chain)
  }

  private static func bytes(_ words: [Int]) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }
}

/// A string table in which a string that ends another one shares its bytes.
struct DynamicStrings {
  private(set) var bytes: [UInt8] = [0]
  private var offsets: [String: Int] = ["": 0]

  init(of strings: [String]) {
    for string in Set(strings).sorted(by: { ($0.utf8.count, $1) > ($1.utf8.count, $0) }) where offsets[string] == nil {
      let start = bytes.count
      bytes += Array(string.utf8) + [0]
      for end in string.indices where offsets[String(string[end...])] == nil {
        offsets[String(string[end...])] = start + string.utf8.distance(from: string.startIndex, to: end)
      }
    }
  }

  /// The offset of `string`, which is one of the table's strings or the end of one.
  func offset(of string: String) -> Int { offsets[string]! }
}
