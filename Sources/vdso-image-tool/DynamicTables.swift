import ELF
import ELFEditing

/// The hash table and the strings of an image, made smaller than the linker makes them. They are its last sections.
///
/// The linker's hash table has a bucket for each symbol; its string table holds a name and the end of that name twice. And
/// section names need no table of their own: they stand among the dynamic strings.
enum DynamicTables {
  private static let symbolsPerBucket = 6

  /// An image after it, its strings, and where they end.
  struct Result {
    var image: LinkedImage
    var strings: DynamicStrings
    var end: Int
  }

  /// Returns `image` with both sections rewritten; the string table holds `sectionNames` as well.
  static func compacted(_ image: LinkedImage, sectionNames: [String]) throws -> Result {
    var image = image
    let hash = try image.section(".hash")
    let strings = try image.section(".dynstr")
    let symbols = try image.symbols()
    let base = image.offset(strings)
    let nameFields = try symbols + versionNameFields(of: image) + [image.dynamicField(.soname)]
    let names = nameFields.map { image.string(at: base + image[$0, 4]) }
    let compact = DynamicStrings(of: names + sectionNames)
    for (field, name) in zip(nameFields, names) { image[field, 4] = compact.offset(of: name) }

    let table = hashTable(of: names.prefix(symbols.count).map { $0 })
    let start = image.offset(hash)
    let end = start + table.count
    image.bytes.replaceSubrange(start..<end, with: table)
    image.bytes.replaceSubrange(end..<end + compact.bytes.count, with: compact.bytes)
    image.setPlace(hash, offset: start, size: table.count)
    image.setPlace(strings, offset: end, size: compact.bytes.count)
    image[try image.dynamicField(.strings), image.wordSize] = end
    image[try image.dynamicField(.stringsSize), image.wordSize] = compact.bytes.count
    image.setSegmentSize(end + compact.bytes.count)
    return Result(image: image, strings: compact, end: end + compact.bytes.count)
  }

  /// The fields that name versions: one in each auxiliary entry of the definitions.
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

  /// The table of DT_HASH: counts, buckets, chains. A chain leads from a symbol to the next one of its bucket.
  private static func hashTable(of names: [String]) -> [UInt8] {
    let bucketCount = (names.count + symbolsPerBucket - 1) / symbolsPerBucket
    var buckets = [Int](repeating: 0, count: bucketCount)
    var chains = [Int](repeating: 0, count: names.count)
    for index in names.indices.dropFirst().reversed() {
      let bucket = Int(SymbolHash.systemV(names[index].utf8)) % bucketCount
      chains[index] = buckets[bucket]
      buckets[bucket] = index
    }
    return ([bucketCount, names.count] + buckets + chains).flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
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

  /// Where `string`, one of the table's or an end of one, is.
  func offset(of string: String) -> Int { offsets[string]! }
}
