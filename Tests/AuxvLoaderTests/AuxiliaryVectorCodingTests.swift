// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import TestSupport
import Testing

@Suite("Auxiliary vector: decoding and encoding")
struct AuxiliaryVectorCodingTests {
  @Test("decodes what it encodes, for random auxiliary vectors", arguments: ELFVariant.all)
  func roundTrip(variant: ELFVariant) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let format = AuxiliaryVector.Format(variant.elfClass, variant.byteOrder)
    let widest = variant.is64 ? UInt64.max : UInt64(UInt32.max)
    for _ in 0..<500 {
      let vector = AuxiliaryVector(
        (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          AuxiliaryVector.Entry(
            AuxvKey(rawValue: .random(in: 1...widest, using: &generator)),
            .random(in: 0...widest, using: &generator))
        })
      let bytes = try vector.encoded(as: format)
      #expect(bytes.count == (vector.entries.count + 1) * (variant.is64 ? 16 : 8))
      #expect(try AuxiliaryVector(decoding: bytes, as: format) == vector)
    }
  }

  @Test("encodes an auxiliary vector to known bytes")
  func knownBytes() throws {
    let vector = AuxiliaryVector([.init(.pageSize, 4096)])
    #expect(
      try vector.encoded(as: .init(.bits32, .bigEndian)) == [0, 0, 0, 6, 0, 0, 16, 0] + [UInt8](repeating: 0, count: 8))
    #expect(
      try vector.encoded(as: .init(.bits32, .littleEndian)) == [6, 0, 0, 0, 0, 16, 0, 0]
        + [UInt8](repeating: 0, count: 8))
  }

  @Test("reads no bytes after the end of an auxiliary vector")
  func trailingBytes() throws {
    let bytes = try AuxiliaryVector([.init(.secure, 0)]).encoded(as: .native)
    #expect(try AuxiliaryVector(decoding: bytes + [1, 2, 3], as: .native).entries == [.init(.secure, 0)])
  }

  @Test(
    "rejects auxiliary vector bytes that end too early, with the offset",
    arguments: [
      (0, AuxvError.unterminated(offset: 0)),
      (1, .truncatedEntry(offset: 0)),
      (15, .truncatedEntry(offset: 0)),
      (16, .unterminated(offset: 16)),
      (31, .truncatedEntry(offset: 16)),
    ])
  func truncation(count: Int, expected: AuxvError) throws {
    let bytes = try AuxiliaryVector([.init(.pageSize, 4096)]).encoded(as: .init(.bits64, .littleEndian))
    #expect(throws: expected) {
      try AuxiliaryVector(decoding: Array(bytes[..<count]), as: .init(.bits64, .littleEndian))
    }
  }

  @Test("rejects a value that doesn't fit into a 32-bit auxiliary vector")
  func tooWide() {
    let entry = AuxiliaryVector.Entry(.entry, 1 << 32)
    #expect(throws: AuxvError.tooWide(entry)) {
      try AuxiliaryVector([entry]).encoded(as: .init(.bits32, .littleEndian))
    }
  }

  @Test("distinguishes 32-bit from 64-bit auxiliary vectors by their bytes")
  func guessing() throws {
    let vector = AuxiliaryVector([.init(.hardwareCapabilities, 0x178b_fbff), .init(.secure, 0), .init(.userID, 1000)])
    for elfClass in [ELFClass.bits32, .bits64] {
      let format = AuxiliaryVector.Format(elfClass, .native)
      #expect(try AuxiliaryVector.Format(guessingFrom: vector.encoded(as: format)) == format)
    }
  }

  @Test("changes, appends and removes auxiliary vector values by key")
  func editing() {
    var vector = AuxiliaryVector([.init(.vdso, 1), .init(.pageSize, 4096), .init(.vdso, 2)])
    #expect(vector[.vdso] == 1)
    vector[.vdso] = 7
    #expect(vector.entries == [.init(.vdso, 7), .init(.pageSize, 4096), .init(.vdso, 2)])
    vector[.vdso] = nil
    #expect(vector.entries == [.init(.pageSize, 4096)])
    vector[.entry] = 9
    #expect(vector.entries == [.init(.pageSize, 4096), .init(.entry, 9)])
    #expect(vector[.random] == nil)
  }
}
