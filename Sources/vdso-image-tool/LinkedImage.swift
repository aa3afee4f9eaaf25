/// An image as the linker wrote it, a little-endian ELF file, with access to its fields by class.
struct LinkedImage {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var is64Bit: Bool { bytes[4] == 2 }
  var wordSize: Int { is64Bit ? 8 : 4 }

  /// The number of `size` bytes at `offset`.
  subscript(offset: Int, size: Int) -> Int {
    get { bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) } }
    set {
      for index in 0..<size {
        bytes[offset + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
      }
    }
  }

  /// The string that ends in zero at `offset`.
  func string(at offset: Int) -> String {
    String(decoding: bytes[offset...].prefix { $0 != 0 }, as: UTF8.self)
  }

  // MARK: Sections

  var sectionHeaderSize: Int { is64Bit ? 64 : 40 }
  private var tableField: Int { is64Bit ? 40 : 32 }
  private var countField: Int { is64Bit ? 60 : 48 }
  private var namesField: Int { is64Bit ? 62 : 50 }

  var sectionCount: Int { self[countField, 2] }

  /// Where the header of section `index` is.
  func header(_ index: Int) -> Int { self[tableField, wordSize] + index * sectionHeaderSize }

  func name(_ header: Int) -> String { string(at: offset(self.header(self[namesField, 2])) + self[header, 4]) }
  func isMapped(_ header: Int) -> Bool { self[header + 8, wordSize] & 2 != 0 }
  func offset(_ header: Int) -> Int { self[header + (is64Bit ? 24 : 16), wordSize] }
  func size(_ header: Int) -> Int { self[header + (is64Bit ? 32 : 20), wordSize] }
  func linkField(_ header: Int) -> Int { header + (is64Bit ? 40 : 24) }

  /// Sets address, offset and size of a section.
  mutating func setPlace(_ header: Int, offset: Int, size: Int) {
    self[header + (is64Bit ? 16 : 12), wordSize] = offset
    self[header + (is64Bit ? 24 : 16), wordSize] = offset
    self[header + (is64Bit ? 32 : 20), wordSize] = size
  }

  /// Sets where the section headers are, how many, and which of them is the table of their names.
  mutating func setTable(offset: Int, count: Int, names: Int) {
    self[tableField, wordSize] = offset
    self[countField, 2] = count
    self[namesField, 2] = names
  }

  /// The header of the section `name`.
  func section(_ name: String) throws -> Int {
    guard let header = (0..<sectionCount).map(header).first(where: { self.name($0) == name }) else {
      throw BuildFailure(description: "the linker made no section \(name)")
    }
    return header
  }

  // MARK: Symbols and segments

  private var symbolSize: Int { is64Bit ? 24 : 16 }

  /// Where the entries of the dynamic symbol table are.
  func symbols() throws -> [Int] {
    let table = try section(".dynsym")
    return Array(stride(from: offset(table), to: offset(table) + size(table), by: symbolSize))
  }

  /// The field of a symbol that numbers its section.
  func sectionField(ofSymbol symbol: Int) -> Int { symbol + (is64Bit ? 6 : 14) }

  /// The value of the dynamic table's entry `tag`.
  func dynamicField(_ tag: Int) throws -> Int {
    let table = try section(".dynamic")
    let entries = stride(from: offset(table), to: offset(table) + size(table), by: 2 * wordSize)
    guard let entry = entries.first(where: { self[$0, wordSize] == tag }) else {
      throw BuildFailure(description: "the linker made no dynamic table entry \(tag)")
    }
    return entry + wordSize
  }

  /// Sets the size, in the file and in memory, of the first segment, which holds all.
  mutating func setSegmentSize(_ size: Int) {
    let segment = self[is64Bit ? 32 : 28, wordSize]
    self[segment + (is64Bit ? 32 : 16), wordSize] = size
    self[segment + (is64Bit ? 40 : 20), wordSize] = size
  }
}
