// SPDX-License-Identifier: Apache-2.0

extension ELFImage {
  /// The versions that the image defines, one by one: libelf's conversion of a whole table would follow hostile links
  /// in quadratic time.
  func versionDefinitions(
    _ tables: DynamicLocations, _ strings: StringTable
  ) throws(ELFError) -> [VersionDefinition] {
    guard tables.table[.versionDefinitions] != nil else { return [] }
    let (offset, size) = try tables.extent(.versionDefinitions, .versionDefinitions, least: 20)
    let bytes = try bytes(.versionDefinitions, at: offset, count: size)
    var definitions: [VersionDefinition] = []
    var position = 0
    for _ in 0..<(tables.table[.versionDefinitionCount] ?? 0) {
      let record = try VersionRecord(bytes, at: position, header.byteOrder, base: offset)
      definitions.append(
        VersionDefinition(
          index: record.index & versionIndexMask, name: try strings.string(at: record.name), isBase: record.isBase,
          nameOffset: record.name))
      guard record.next > 0 else { break }
      position += record.next
    }
    return definitions
  }
}

/// One definition with its first name. The corresponding C structures are `Elf64_Verdef` and `Elf64_Verdaux`.
private struct VersionRecord {
  let isBase: Bool
  let index: UInt16
  let name: UInt32
  /// The distance to the next definition in bytes, 0 at the last.
  let next: Int

  init(_ bytes: [UInt8], at position: Int, _ order: ByteOrder, base: UInt64) throws(ELFError) {
    guard
      let format = order.word(UInt16.self, in: bytes, at: position), format == 1,
      let flags = order.word(UInt16.self, in: bytes, at: position + 2),
      let index = order.word(UInt16.self, in: bytes, at: position + 4),
      let names = order.word(UInt32.self, in: bytes, at: position + 12),
      let next = order.word(UInt32.self, in: bytes, at: position + 16),
      let name = order.word(UInt32.self, in: bytes, at: position + Int(names))
    else { throw .badVersionDefinition(offset: base + UInt64(position)) }
    (isBase, self.index, self.name, self.next) = (flags & 1 == 1, index, name, Int(next))
  }
}
