// SPDX-License-Identifier: Apache-2.0

import ELF
import Testing
import VDSOImages

/// Changes single fields of a built image, for tests that need a broken one.
struct ImageEditor {
  private(set) var bytes: [UInt8]
  private let is64Bit: Bool

  init(_ architecture: VDSOImages.Architecture) throws {
    bytes = try BuiltImage(architecture).bytes
    is64Bit = bytes[4] == 2
  }

  mutating func store(_ value: Int, at offset: Int, size: Int) {
    for index in 0..<size { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  mutating func append(zeros count: Int) { bytes += [UInt8](repeating: 0, count: count) }

  mutating func replace(_ pattern: [UInt8], with replacement: [UInt8]) {
    for start in bytes.indices.dropLast(pattern.count) where bytes[start...].starts(with: pattern) {
      bytes.replaceSubrange(start..<start + pattern.count, with: replacement)
    }
  }

  /// The offset of a string.
  func place(of text: String) throws -> Int {
    let wanted = Array(text.utf8) + [0]
    return try #require(bytes.indices.first { bytes[$0...].starts(with: wanted) })
  }

  mutating func setProgramHeader(_ type: SegmentType, _ field: ProgramHeaderField, _ value: Int) throws {
    let image = try ELFImage(bytes: bytes)
    let index = try #require(try image.programHeaders().firstIndex { $0.type == type })
    let start = Int(image.header.programHeaderOffset) + index * (is64Bit ? 56 : 32)
    store(value, at: start + field.offset64, size: 4)
  }

  /// The offsets of the fields of `Elf64_Phdr`, of their low words.
  enum ProgramHeaderField {
    case type, flags, address, fileSize, memorySize

    var offset64: Int {
      switch self {
      case .type: 0
      case .flags: 4
      case .address: 16
      case .fileSize: 32
      case .memorySize: 40
      }
    }
  }

  /// The offset of a tag's entry in the dynamic table.
  private func place(of tag: DynamicTag) throws -> Int {
    let table = try ELFImage(bytes: bytes).dynamicTable()
    let index = try #require(table.entries.firstIndex { $0.tag == tag })
    return Int(table.offset) + index * (is64Bit ? 16 : 8)
  }

  mutating func setTag(_ tag: DynamicTag, to other: Int) throws { store(other, at: try place(of: tag), size: 4) }

  mutating func setValue(of tag: DynamicTag, _ change: (Int) -> Int) throws {
    let value = try #require(try ELFImage(bytes: bytes).dynamicTable()[tag])
    store(change(Int(value)), at: try place(of: tag) + (is64Bit ? 8 : 4), size: 4)
  }

  func value(of tag: DynamicTag) throws -> Int { Int(try #require(try ELFImage(bytes: bytes).dynamicTable()[tag])) }

  /// Lets the table of strings end 8 bytes before the page's end.
  mutating func extendStringsToPageEnd() throws {
    let end = 4096 - 8
    append(zeros: end - bytes.count)
    try setProgramHeader(.load, .fileSize, end)
    try setProgramHeader(.load, .memorySize, end)
    let start = try value(of: .strings)
    try setValue(of: .stringsSize) { _ in end - start }
  }

  mutating func setSymbol(_ name: String, _ field: SymbolField, _ value: Int) throws {
    let image = try ELFImage(bytes: bytes)
    let symbol = try #require(try image.dynamicSymbols().symbol(named: name))
    let start = try self.value(of: .symbols) + symbol.index * 24
    store(value, at: start + field.offset64, size: field == .section || field == .info ? 1 : 4)
  }

  /// The offsets of the fields of `Elf64_Sym`, of their low bytes or words.
  enum SymbolField {
    case info, section, value, size

    var offset64: Int {
      switch self {
      case .info: 4
      case .section: 6
      case .value: 8
      case .size: 16
      }
    }
  }
}
