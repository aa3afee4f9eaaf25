// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Foundation
import TestSupport
import Testing

@testable import ExecEngine

@Suite("Initial stacks of programs")
struct InitialStackViewTests {
  /// A stack with `count` arguments and `environment` variables before a vector of two entries.
  private func stack(_ width: ELFClass, arguments count: Int, environment: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ word: UInt64) {
      if width == .bits64 {
        ByteOrder.littleEndian.append(word, to: &bytes)
      } else {
        ByteOrder.littleEndian.append(UInt32(word), to: &bytes)
      }
    }
    append(UInt64(count))
    for _ in 0..<count { append(0x1000) }
    append(0)
    for _ in 0..<environment { append(0x2000) }
    append(0)
    let vector = AuxiliaryVector([.init(.vdso, 0xf000), .init(.pageSize, 4096)])
    return bytes + (try vector.encoded(as: .init(width, .littleEndian)))
  }

  @Test(
    "finds the auxiliary vector after arguments and environment", arguments: [ELFClass.bits64, .bits32], [0, 1, 700])
  func vector(width: ELFClass, count: Int) throws {
    let bytes = try stack(width, arguments: count, environment: 2 * count)
    let found = try #require(InitialStackView.vector(in: bytes, .init(width, .littleEndian)))
    #expect(found.vector[.vdso] == 0xf000 && found.vector[.pageSize] == 4096)
    #expect(found.offset == (3 + 3 * count) * width.wordSize)
  }

  @Test("finds no vector in a truncated initial stack, wherever it is cut", arguments: [ELFClass.bits64, .bits32])
  func cut(width: ELFClass) throws {
    let bytes = try stack(width, arguments: 2, environment: 3)
    for length in 0..<bytes.count {
      #expect(InitialStackView.vector(in: Array(bytes[..<length]), .init(width, .littleEndian)) == nil)
    }
  }

  @Test("finds no vector in random bytes, or inside a vector")
  func random() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
        Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...3, using: &generator)
      }
      for width in [ELFClass.bits64, .bits32] {
        if let found = InitialStackView.vector(in: bytes, .init(width, .littleEndian)) {
          #expect(found.offset + (found.vector.entries.count + 1) * 2 * width.wordSize <= bytes.count)
        }
      }
    }
  }

  @Test("finds the stack bounds that /proc states, whatever the program's name")
  func bounds() throws {
    let fields = (4...52).map { "\($0)000" }.joined(separator: " ")
    let bounds = try #require(MemoryBounds(stat: Array("7 (a) b (c) R \(fields)\n".utf8)))
    let bytes = bounds.bytes(vector: 9, count: 320)
    #expect(bytes.count == MemoryBounds.byteCount)
    let words = (0..<12).map { ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: 8 * $0)! }
    #expect(words == [26, 27, 45, 46, 47, 47, 28, 48, 49, 50, 51].map { $0 * 1000 } + [9])
    #expect(MemoryBounds(stat: Array("7 (a) R 1".utf8)) == nil)
    #expect(MemoryBounds(stat: []) == nil)
  }
}
