// SPDX-License-Identifier: Apache-2.0

import ELF
import ELFEditing

/// An image as the linker wrote it, a little-endian ELF file, with access to its sections.
struct LinkedImage {
  var bytes: [UInt8]
  let layout: ELFLayout

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    layout = ELFLayout(bytes)
  }

  var wordSize: Int { layout.wordSize }

  /// The number of `size` bytes at `offset`.
  subscript(offset: Int, size: Int) -> Int {
    get { bytes[offset, size] }
    set { bytes[offset, size] = newValue }
  }

  /// The string that ends in zero at `offset`.
  func string(at offset: Int) -> String {
    String(decoding: bytes[offset...].prefix { $0 != 0 }, as: UTF8.self)
  }

  var sectionCount: Int { self[layout.sectionCountField, 2] }

  /// The offset of the header of section `index`.
  func header(_ index: Int) -> Int { self[layout.sectionsField, wordSize] + index * layout.sectionSize }

  func name(_ header: Int) -> String {
    string(at: offset(self.header(self[layout.sectionNamesField, 2])) + self[header, 4])
  }

  func offset(_ header: Int) -> Int { self[header + layout.sectionOffsetField, wordSize] }
  func size(_ header: Int) -> Int { self[header + layout.sectionSizeField, wordSize] }

  /// Sets address, offset and size of a section.
  mutating func setPlace(_ header: Int, offset: Int, size: Int) {
    self[header + layout.sectionAddressField, wordSize] = offset
    self[header + layout.sectionOffsetField, wordSize] = offset
    self[header + layout.sectionSizeField, wordSize] = size
  }

  /// Sets the offset and the number of the section headers, and the index of the table of their names.
  mutating func setTable(offset: Int, count: Int, names: Int) {
    self[layout.sectionsField, wordSize] = offset
    self[layout.sectionCountField, 2] = count
    self[layout.sectionNamesField, 2] = names
  }

  /// The header of the section `name`.
  func section(_ name: String) throws -> Int {
    guard let header = (0..<sectionCount).map(header).first(where: { self.name($0) == name }) else {
      throw BuildFailure(description: "the linker made no section \(name)")
    }
    return header
  }

  /// The offsets of the entries of the dynamic symbol table.
  func symbols() throws -> [Int] {
    let table = try section(".dynsym")
    return Array(stride(from: offset(table), to: offset(table) + size(table), by: layout.symbolSize))
  }

  /// The offset of the value of the dynamic table's entry `tag`.
  func dynamicField(_ tag: DynamicTag) throws -> Int {
    let table = try section(".dynamic")
    let entries = stride(from: offset(table), to: offset(table) + size(table), by: 2 * wordSize)
    guard let entry = entries.first(where: { self[$0, wordSize] == Int(tag.rawValue) }) else {
      throw BuildFailure(description: "the linker made no dynamic table entry \(tag.rawValue)")
    }
    return entry + wordSize
  }

  /// Sets the size, in the file and in memory, of the one segment that is loaded.
  mutating func setSegmentSize(_ size: Int) {
    for field in layout.segmentSizeFields(layout.programHeader(.load, in: bytes)) {
      self[field, wordSize] = size
    }
  }
}
