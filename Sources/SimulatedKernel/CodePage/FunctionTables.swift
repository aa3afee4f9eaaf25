// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// The functions of a vDSO image: their unwind rules, by PT_GNU_EH_FRAME, and their names, by the section headers.
public struct FunctionTables: Hashable, Sendable {
  /// The rules of one function, as bytes of `.eh_frame`: the function's own (FDE), and those that it begins with (CIE).
  struct Rules: Hashable, Sendable {
    /// The offset of the function from the image's start.
    var function: Int
    var entry: [UInt8]
    var parent: [UInt8]

    var code: Range<Int> { function..<function + entry[12, 4] }
  }

  struct Symbol: Hashable, Sendable {
    var value: Int
    var size: Int
    var name: [UInt8]
  }

  /// The rules in rising order of the functions.
  let rules: [Rules]
  /// One symbol for each function that has a name, in rising order.
  let symbols: [Symbol]
  /// The range of the first section with code; empty if there are no section headers.
  let code: Range<Int>
  /// The extent of the image in bytes.
  let extent: Int

  /// The form that linkers give `.eh_frame_hdr`: the address of the rules relative to the field, the count in four bytes, and pairs of
  /// four bytes each, relative to the table.
  static let form: [UInt8] = [1, 0x1b, 0x03, 0x3b]
  /// The number of bytes before the pairs, and in each pair.
  static let (headerSize, pairSize) = (12, 8)

  /// Reads the tables of `image`, the bytes as they are mapped; nil if it has no segment, or one of a gigabyte or more.
  public init?(_ image: [UInt8]) {
    let table = ProgramHeaderTable(image)
    guard let load = table.entry(.load), (1..<1 << 30).contains(load.memorySize) else { return nil }
    extent = load.memorySize
    rules = table.entry(.unwindTable).map { Self.rules(of: image, at: $0.offset) } ?? []
    let sections = SectionHeaderTable(image)
    code = sections.code ?? 0..<0
    let known = rules
    symbols = Self.symbols(of: image, sections).flatMap { symbol in
      known.contains { $0.code.contains(symbol.value) } ? [symbol] : Self.splitAtFrame(symbol, in: image)
    }
  }

  /// Splits the symbol of an i386 function without rules so that gdb can unwind it: gdb reads a function's instructions from its symbol on,
  /// and recognizes those that set up the frame pointer only if they come first. Linux's clock functions load an address before them.
  private static func splitAtFrame(_ symbol: Symbol, in image: [UInt8]) -> [Symbol] {
    let pushAndMove: [UInt8] = [0x55, 0x89, 0xe5]
    let start = symbol.value
    guard !ELFLayout(image).is64Bit, start <= image.count - 32,
      let distance = (1..<24).first(where: { image[start + $0..<start + $0 + 3].elementsEqual(pushAndMove) }),
      symbol.size > distance
    else { return [symbol] }
    return [
      Symbol(value: start, size: distance, name: symbol.name),
      Symbol(value: start + distance, size: symbol.size - distance, name: symbol.name),
    ]
  }

  /// The rules in the table at `start`, without those in an unusual form.
  private static func rules(of image: [UInt8], at start: Int) -> [Rules] {
    guard start >= 0, start <= image.count - headerSize, image[start..<start + 4].elementsEqual(form) else { return [] }
    let count = image[start + 8, 4]
    guard count <= (image.count - start - headerSize) / pairSize else { return [] }
    return (0..<count).compactMap { index in
      let pair = start + headerSize + index * pairSize
      let function = start + image.signedWord(at: pair)
      guard let entry = image.record(at: start + image.signedWord(at: pair + 4)),
        let parent = image.record(at: entry.lowerBound + 4 - image[entry.lowerBound + 4, 4]),
        // The CIE must have version 1 and the same encoding as the table: four bytes, relative to the field.
        parent.count >= 16, image[parent.lowerBound + 4, 5] == 1 << 32,
        image[parent.lowerBound + 9..<parent.lowerBound + 11].elementsEqual("zR".utf8),
        entry.count >= 16, entry.lowerBound + 8 + image.signedWord(at: entry.lowerBound + 8) == function
      else { return nil }
      return Rules(function: function, entry: Array(image[entry]), parent: Array(image[parent]))
    }.sorted { $0.function < $1.function }
  }

  /// The functions of the dynamic symbol table, each by the first of its names that isn't weak.
  private static func symbols(of image: [UInt8], _ sections: SectionHeaderTable) -> [Symbol] {
    guard let table = sections.symbols, let strings = sections.strings else { return [] }
    let layout = ELFLayout(image)
    var found: [Symbol] = []
    for place in stride(from: table.lowerBound, to: table.upperBound - layout.symbolSize + 1, by: layout.symbolSize) {
      // The symbol must be global, a function, and defined.
      guard image[place + layout.infoField] == 0x12, image[place + layout.symbolSectionField, 2] != 0 else { continue }
      let name = image[strings].dropFirst(image[place, 4]).prefix { $0 != 0 }
      let value = image[place + layout.valueField, layout.wordSize]
      guard !name.isEmpty, value >= 0, !found.contains(where: { $0.value == value }) else { continue }
      let size = image[place + layout.symbolLengthField, layout.wordSize]
      found.append(Symbol(value: value, size: size, name: Array(name)))
    }
    return found.sorted { $0.value < $1.value }
  }

  /// At most `count` of the rules, in rising order. Rules of the functions at `first` are taken before others.
  func rules(atMost count: Int, first functions: [Int]) -> [Rules] {
    guard rules.count > count else { return rules }
    let called = functions.compactMap { function in rules.lastIndex { $0.function <= function } }
    let chosen = (called + rules.indices.filter { !called.contains($0) }).prefix(max(0, count))
    return rules.indices.filter(chosen.contains).map { rules[$0] }
  }

  /// The symbols, and for each part of the code without a symbol one that is called `name`.
  func symbols(naming name: String) -> [Symbol] {
    var all: [Symbol] = []
    var end = code.lowerBound
    for symbol in symbols {
      if symbol.value > end, code.contains(end) {
        all.append(Symbol(value: end, size: symbol.value - end, name: Array(name.utf8)))
      }
      all.append(symbol)
      end = max(end, symbol.value &+ symbol.size)
    }
    if end < code.upperBound { all.append(Symbol(value: end, size: code.upperBound - end, name: Array(name.utf8))) }
    return all
  }
}

extension [UInt8] {
  /// The number of four bytes at `offset`, which may be negative.
  func signedWord(at offset: Int) -> Int { Int(Int32(truncatingIfNeeded: self[offset, 4])) }

  /// The range of the record of `.eh_frame` at `start`, which begins with its length; nil if it is too short or there is none.
  fileprivate func record(at start: Int) -> Range<Int>? {
    guard start >= 0, start <= count - 8 else { return nil }
    let length = self[start, 4]
    return length >= 4 && length <= count - start - 4 ? start..<start + 4 + length : nil
  }
}
