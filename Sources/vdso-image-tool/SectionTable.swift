/// The section headers of an image, cut down to those that debuggers and profilers work by.
///
/// The linker writes one for each of a dozen sections, 64 bytes each: a sixth of the page. The contents of the others
/// are found through the dynamic table and the program headers. gdb has no other way to `.eh_frame` and `.dynsym`.
enum SectionTable {
  private static let kept = [".text", ".dynsym", ".dynstr", ".eh_frame", ".shstrtab"]

  /// Returns `image`, a little-endian ELF file as the linker wrote it, with the kept headers after its contents.
  static func trimmed(_ image: [UInt8]) throws -> [UInt8] {
    let layout = ELFLayout(image: image)
    let headers = (0..<layout.sectionCount(image)).map { layout.header($0, of: image) }
    let names = headers[layout.nameTableIndex(image)]
    func name(_ header: [UInt8]) -> String {
      let start = layout.offset(of: names) + Int(word(header, at: 0, size: 4))
      return String(decoding: image[start...].prefix { $0 != 0 }, as: UTF8.self)
    }
    let selected = try kept.map { wanted in
      guard let index = headers.firstIndex(where: { name($0) == wanted }) else {
        throw BuildFailure(description: "the linker made no section \(wanted)")
      }
      return index
    }
    let contents = headers.filter { layout.flags(of: $0) & 2 != 0 }.map { layout.offset(of: $0) + layout.size(of: $0) }
    var result = Array(image[..<contents.max()!])
    let namesOffset = result.count
    var nameOffsets: [Int] = []
    result.append(0)
    for name in kept {
      nameOffsets.append(result.count - namesOffset)
      result += Array(name.utf8) + [0]
    }
    let namesSize = result.count - namesOffset
    while result.count % layout.wordSize != 0 { result.append(0) }
    layout.renumber(symbolsIn: headers[selected[kept.firstIndex(of: ".dynsym")!]], of: &result) { old in
      (selected.firstIndex(of: old) ?? -1) + 1
    }
    layout.setTable(offset: result.count, count: kept.count + 1, in: &result)
    result += [UInt8](repeating: 0, count: layout.headerSize)
    for (position, index) in selected.enumerated() {
      var header = headers[index]
      setWord(&header, at: 0, size: 4, to: nameOffsets[position])
      // Constants that the linker put among the code brought SHF_MERGE along.
      setWord(&header, at: 8, size: 4, to: Int(word(header, at: 8, size: 4)) & ~0x10)
      let link = Int(word(header, at: layout.linkOffset, size: 4))
      setWord(&header, at: layout.linkOffset, size: 4, to: (selected.firstIndex(of: link) ?? -1) + 1)
      if kept[position] == ".shstrtab" {
        layout.setOffset(namesOffset, size: namesSize, of: &header)
      }
      result += header
    }
    return result
  }
}

/// Where the fields of an ELF file and section header are, for one class.
private struct ELFLayout {
  let is64Bit: Bool

  init(image: [UInt8]) {
    is64Bit = image[4] == 2
  }

  var wordSize: Int { is64Bit ? 8 : 4 }
  var headerSize: Int { is64Bit ? 64 : 40 }
  var linkOffset: Int { is64Bit ? 40 : 24 }

  func sectionCount(_ image: [UInt8]) -> Int { Int(word(image, at: is64Bit ? 60 : 48, size: 2)) }
  func nameTableIndex(_ image: [UInt8]) -> Int { Int(word(image, at: is64Bit ? 62 : 50, size: 2)) }

  func header(_ index: Int, of image: [UInt8]) -> [UInt8] {
    let start = Int(word(image, at: is64Bit ? 40 : 32, size: wordSize)) + index * headerSize
    return Array(image[start..<start + headerSize])
  }

  func flags(of header: [UInt8]) -> UInt64 { word(header, at: 8, size: wordSize) }
  func offset(of header: [UInt8]) -> Int { Int(word(header, at: is64Bit ? 24 : 16, size: wordSize)) }
  func size(of header: [UInt8]) -> Int { Int(word(header, at: is64Bit ? 32 : 20, size: wordSize)) }

  func setOffset(_ offset: Int, size: Int, of header: inout [UInt8]) {
    setWord(&header, at: is64Bit ? 24 : 16, size: wordSize, to: offset)
    setWord(&header, at: is64Bit ? 32 : 20, size: wordSize, to: size)
  }

  /// Gives the symbols of the table the new numbers of their sections.
  func renumber(symbolsIn table: [UInt8], of image: inout [UInt8], _ number: (Int) -> Int) {
    let entrySize = is64Bit ? 24 : 16
    for start in stride(from: offset(of: table), to: offset(of: table) + size(of: table), by: entrySize) {
      let place = start + (is64Bit ? 6 : 14)
      let old = Int(word(image, at: place, size: 2))
      setWord(&image, at: place, size: 2, to: old == 0 ? 0 : number(old))
    }
  }

  func setTable(offset: Int, count: Int, in image: inout [UInt8]) {
    setWord(&image, at: is64Bit ? 40 : 32, size: wordSize, to: offset)
    setWord(&image, at: is64Bit ? 60 : 48, size: 2, to: count)
    setWord(&image, at: is64Bit ? 62 : 50, size: 2, to: count - 1)
  }
}

private func word(_ bytes: [UInt8], at offset: Int, size: Int) -> UInt64 {
  bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func setWord(_ bytes: inout [UInt8], at offset: Int, size: Int, to value: Int) {
  for index in 0..<size {
    bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
  }
}
