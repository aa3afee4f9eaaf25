// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import TestSupport
import Testing
import VDSOResolver

@Suite("vDSO images in built cores")
struct CoreImageTests {
  private static let address: UInt64 = 0x7ff0_0000

  /// A core file whose vDSO is split into three segments, with a gap behind the last.
  private static func core(_ entry: VDSOCatalog, _ order: ByteOrder) throws -> [UInt8] {
    let variant = ELFVariant(entry.elfClass ?? .bits64, order)
    var builder = ELFImageBuilder(variant)
    builder.machine = entry.machine
    builder.versions = ["\(entry.version)"]
    builder.byteCount = 0x2000
    builder.symbols = VDSOFunction.allCases.enumerated().map {
      .init("\(entry.symbolName($1))", at: UInt64(0x1000 + 64 * $0))
    }
    let image = builder.build().bytes
    let vector = try AuxiliaryVector([.init(.pageSize, 4096), .init(.vdso, address)])
      .encoded(as: .init(variant.elfClass, order))
    let pieces = [0..<0x400, 0x400..<0x1001, 0x1001..<0x2000].map { range in
      (address: address + UInt64(range.lowerBound), bytes: Array(image[range]))
    }
    // The segments' order in the file differs from their order in memory.
    return CoreBuilder(
      variant, entry.machine, vector: vector, memory: [pieces[2], (address: 0x1000, bytes: [1, 2, 3])] + pieces[..<2]
    ).build()
  }

  private static func image(_ bytes: [UInt8]) throws -> VDSOImage {
    let core = try CoreMemory(bytes: bytes)
    let vector = try AuxiliaryVector(ofCore: core)
    return try VDSOImage(in: core, at: vector[.vdso] ?? 0)
  }

  @Test(
    "resolves every architecture's functions in core files, in both byte orders and any division into segments",
    arguments: VDSOCatalog.all, [ByteOrder.littleEndian, .bigEndian])
  func everyArchitecture(entry: VDSOCatalog, order: ByteOrder) throws {
    let image = try Self.image(Self.core(entry, order))
    #expect(image.object.header.byteOrder == order)
    for (index, function) in VDSOFunction.allCases.enumerated() where entry.contains(function) {
      #expect(image.resolve(function) == .vdso(address: Self.address + UInt64(0x1000 + 64 * index)))
    }
  }

  @Test("returns an error or an image for core files with random damage, and never crashes", arguments: VDSOCatalog.all)
  func damaged(entry: VDSOCatalog) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let core = try Self.core(entry, .littleEndian)
    var refused = 0
    for _ in 0..<200 {
      var bytes = core
      // The damage is where the headers and tables are.
      for _ in 0..<Int.random(in: 1...20, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place % (Bool.random(using: &generator) ? 0x200 : bytes.count)] = .random(in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) { bytes.removeLast(.random(in: 0..<bytes.count, using: &generator)) }
      guard let image = try? Self.image(bytes) else {
        refused += 1
        continue
      }
      for function in VDSOFunction.allCases { _ = image.resolve(function) }
      _ = try? image.object.symbols.defined()
    }
    #expect(refused > 50)
  }
}
