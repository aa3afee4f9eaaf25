// SPDX-License-Identifier: Apache-2.0

import ELF
import TestSupport
import Testing

/// A way to damage an image, and the error that must describe it.
struct Flaw: CustomTestStringConvertible, Sendable {
  let testDescription: String
  var lookup: DynamicSymbols.Lookup?
  let damage: @Sendable (inout BuiltImage) -> Void
  let expected: @Sendable (BuiltImage) -> ELFError

  init(
    _ name: String, _ lookup: DynamicSymbols.Lookup? = nil, _ damage: @escaping @Sendable (inout BuiltImage) -> Void,
    _ expected: @escaping @Sendable (BuiltImage) -> ELFError
  ) {
    (testDescription, self.lookup, self.damage, self.expected) = (name, lookup, damage, expected)
  }
}

extension BuiltImage {
  fileprivate mutating func setDynamic(_ tag: Int64, _ value: UInt64) {
    if let offset = offsets.dynamicValue[tag] { writer.rewriteWord(value, at: offset) }
  }

  fileprivate var wordSize: Int { writer.variant.is64 ? 8 : 4 }
  fileprivate var symbolSize: Int { writer.variant.is64 ? 24 : 16 }
}

@Suite("Damaged images")
struct DamagedImageTests {
  static let flaws = [
    Flaw("no dynamic segment", nil) {
      $0.writer.rewrite(UInt32(0), at: $0.offsets.programHeaders + ($0.writer.variant.is64 ? 56 : 32))
    } _: { _ in
      .missing(.dynamicTable)
    },
    Flaw("dynamic table without an end") {
      let end = $0.offsets.dynamicValue[0, default: 0]
      $0.writer.rewriteWord(1, at: end - $0.wordSize)
    } _: {
      .unterminated(.dynamicTable, offset: UInt64($0.offsets.dynamic))
    },
    Flaw("strings outside the image") {
      $0.setDynamic(5, 0x2000)
    } _: {
      .outsideSegments(.dynamicStrings, address: 0x2000, size: UInt64($0.offsets.stringsSize))
    },
    Flaw("strings longer than the image") {
      $0.setDynamic(10, 0x1000)
    } _: {
      .outsideSegments(.dynamicStrings, address: UInt64($0.offsets.strings), size: 0x1000)
    },
    Flaw("wrapped address") {
      $0.setDynamic(5, $0.writer.variant.is64 ? .max : 0xffff_ffff)
    } _: {
      .outsideSegments(
        .dynamicStrings, address: $0.writer.variant.is64 ? .max : 0xffff_ffff, size: UInt64($0.offsets.stringsSize))
    },
    Flaw("symbols of another size") {
      $0.setDynamic(11, 17)
    } _: {
      .wrongEntrySize(
        .dynamicSymbols, offset: UInt64($0.offsets.dynamic), found: 17, expected: UInt64($0.symbolSize))
    },
    Flaw("symbols outside the image") {
      $0.setDynamic(6, 0xfff)
    } _: {
      .outsideSegments(.dynamicSymbols, address: 0xfff, size: UInt64(7 * $0.symbolSize))
    },
    Flaw("symbol name outside the strings") {
      for index in 1..<7 { $0.writer.rewrite(UInt32(0x7fff_ffff), at: $0.offsets.symbols + index * $0.symbolSize) }
    } _: {
      .indexOutOfRange(.dynamicStrings, index: 0x7fff_ffff, limit: UInt64($0.offsets.stringsSize))
    },
    Flaw("unterminated string", .linear) {
      $0.setDynamic(14, 0)
      $0.writer.rewrite(UInt32(0), at: $0.offsets.versionDefinitions + 20)
      let last = $0.offsets.stringsSize - 1
      for index in 1..<7 { $0.writer.rewrite(UInt32(last), at: $0.offsets.symbols + index * $0.symbolSize) }
      $0.writer.rewrite(UInt8(0x5f), at: $0.offsets.strings + last)
    } _: {
      .unterminated(.dynamicStrings, offset: UInt64($0.offsets.strings + $0.offsets.stringsSize - 1))
    },
    Flaw("bucket count 0", .hash) {
      $0.writer.rewrite(UInt32(0), at: $0.offsets.hash)
    } _: {
      .badHashTable(.hashTable, offset: UInt64($0.offsets.hash))
    },
    Flaw("bucket count past the image", .hash) {
      $0.writer.rewrite(UInt32.max, at: $0.offsets.hash)
    } _: {
      .outsideSegments(.hashTable, address: UInt64($0.offsets.hash), size: 4 * (2 + 0xffff_ffff + 7))
    },
    Flaw("bucket that points past the chains", .hash) {
      for bucket in 0..<3 { $0.writer.rewrite(UInt32(7), at: $0.offsets.hash + 8 + bucket * 4) }
    } _: { _ in
      .indexOutOfRange(.hashTable, index: 7, limit: 7)
    },
    Flaw("cyclic hash chain", .hash) {
      for bucket in 0..<3 { $0.writer.rewrite(UInt32(1), at: $0.offsets.hash + 8 + bucket * 4) }
      $0.writer.rewrite(UInt32(1), at: $0.offsets.hash + 8 + 12 + 4)
      $0.writer.rewrite(UInt32(0), at: $0.offsets.symbols + $0.symbolSize)
    } _: {
      .cycle(.hashTable, offset: UInt64($0.offsets.hash))
    },
    Flaw("GNU bucket count 0", .gnuHash) {
      $0.writer.rewrite(UInt32(0), at: $0.offsets.gnuHash)
    } _: {
      .badHashTable(.gnuHashTable, offset: UInt64($0.offsets.gnuHash))
    },
    Flaw("Bloom filter of 0 words", .gnuHash) {
      $0.writer.rewrite(UInt32(0), at: $0.offsets.gnuHash + 8)
    } _: {
      .badHashTable(.gnuHashTable, offset: UInt64($0.offsets.gnuHash))
    },
    Flaw("Bloom filter of 3 words", .gnuHash) {
      $0.writer.rewrite(UInt32(3), at: $0.offsets.gnuHash + 8)
    } _: {
      .badHashTable(.gnuHashTable, offset: UInt64($0.offsets.gnuHash))
    },
    Flaw("GNU bucket below the first symbol", .gnuHash) {
      let buckets = $0.offsets.gnuHash + 16 + $0.wordSize
      $0.writer.rewrite(UInt32(5), at: $0.offsets.gnuHash + 4)
      for bucket in 0..<3 { $0.writer.rewrite(UInt32(1), at: buckets + bucket * 4) }
    } _: {
      .indexOutOfRange(.gnuHashTable, index: 1, limit: 5 + UInt64(gnuChains($0)))
    },
    Flaw("GNU chain without an end", .gnuHash) {
      let chains = $0.offsets.gnuHash + 16 + $0.wordSize + 12
      for offset in stride(from: chains, to: $0.offsets.versionSymbols - 3, by: 4) {
        $0.writer.rewrite(UInt32(2), at: offset)
      }
    } _: {
      .unterminated(.gnuHashTable, offset: UInt64($0.offsets.gnuHash))
    },
    Flaw("version index out of range", .linear) {
      for index in 1..<7 { $0.writer.rewrite(UInt16(9), at: $0.offsets.versionSymbols + index * 2) }
    } _: { _ in
      .indexOutOfRange(.versionDefinitions, index: 9, limit: 2)
    },
    Flaw("version definition of unknown format") {
      $0.writer.rewrite(UInt16(2), at: $0.offsets.versionDefinitions)
    } _: {
      .badVersionDefinition(offset: UInt64($0.offsets.versionDefinitions))
    },
    Flaw("version definition that leads outside") {
      $0.writer.rewrite(UInt32.max, at: $0.offsets.versionDefinitions + 16)
    } _: {
      .badVersionDefinition(offset: UInt64($0.offsets.versionDefinitions) + 0xffff_ffff)
    },
    Flaw("soname outside the strings") {
      $0.setDynamic(14, 0xffff)
    } _: {
      .indexOutOfRange(.dynamicStrings, index: 0xffff, limit: UInt64($0.offsets.stringsSize))
    },
  ]

  /// The number of words of the GNU table's chains, up to the next table.
  private static func gnuChains(_ built: BuiltImage) -> Int {
    (built.offsets.versionSymbols - built.offsets.gnuHash - 16 - built.wordSize) / 4 - 3
  }

  @Test("names the flaw of a damaged image and its offset", arguments: flaws, ELFVariant.all)
  func flaw(flaw: Flaw, variant: ELFVariant) throws {
    let sound = ELFImageBuilder(variant).build()
    try use(sound.bytes, flaw.lookup)
    var built = sound
    flaw.damage(&built)
    #expect(throws: flaw.expected(built)) { try use(built.bytes, flaw.lookup) }
  }

  /// Calls everything that reads the damaged bytes.
  private func use(_ bytes: [UInt8], _ lookup: DynamicSymbols.Lookup?) throws {
    let symbols = try ELFImage(bytes: bytes).dynamicSymbols(lookup: lookup)
    _ = try symbols.symbol(named: "__vdso_clock_gettime")
    _ = try symbols.defined()
  }

  @Test("survives random damage of an image", arguments: ELFVariant.all)
  func randomDamage(variant: ELFVariant) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let sound = ELFImageBuilder(variant).build()
    let tables = 0..<sound.offsets.dynamicValue[0, default: 0] + sound.wordSize
    var errors: Set<ELFError> = []
    for _ in 0..<3000 {
      var bytes = sound.bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: tables, using: &generator)] = [
          0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &generator),
        ].randomElement(
          using: &generator)!
      }
      do {
        for lookup in DynamicSymbolsTests.lookups { try use(bytes, lookup) }
        _ = try ELFImage(bytes: bytes).notes()
      } catch let error as ELFError {
        #expect(!error.description.isEmpty)
        errors.insert(error)
      }
    }
    // Enough of the damage has reached the checks.
    #expect(errors.count > 30)
  }
}
