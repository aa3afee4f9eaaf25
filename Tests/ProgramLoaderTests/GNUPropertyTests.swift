// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProgramLoader

@Suite("GNU properties")
struct GNUPropertyTests {
  /// A GNU note of type 5 with 64-bit properties of one word each.
  private func note(_ properties: [(UInt32, UInt32)], type: UInt32 = 5, owner: String = "GNU\0") -> [UInt8] {
    let words: [UInt32] = properties.flatMap { [$0.0, 4, $0.1, 0] }
    let head: [UInt32] = [4, UInt32(words.count * 4), type]
    func bytes(_ words: [UInt32]) -> [UInt8] {
      words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
    }
    return bytes(head) + Array(owner.utf8) + bytes(words)
  }

  @Test("reads a GNU property from a note, whatever properties come before it")
  func found() {
    #expect(GNUProperty.value(0xc000_0000, in: note([(0xc000_0000, 3)])) == 3)
    #expect(GNUProperty.value(0xc000_0000, in: note([(1, 7), (0xc000_0000, 1)])) == 1)
    #expect(GNUProperty.value(0xc000_0001, in: note([(0xc000_0000, 3)])) == 0)
  }

  @Test("reads no GNU property from notes of other owners or types, unordered properties, and notes that end early")
  func refused() {
    let property = note([(0xc000_0000, 1)])
    #expect(GNUProperty.value(0xc000_0000, in: note([(0xc000_0000, 1)], type: 1)) == 0)
    #expect(GNUProperty.value(0xc000_0000, in: note([(0xc000_0000, 1)], owner: "FOO\0")) == 0)
    #expect(GNUProperty.value(0xc000_0000, in: note([(0xc000_0002, 1), (0xc000_0000, 1)])) == 0)
    for count in 0..<property.count {
      #expect(GNUProperty.value(0xc000_0000, in: Array(property.prefix(count))) == 0, "\(count) bytes")
    }
    var large = property
    large[20...23] = [0xff, 0xff, 0xff, 0xff]
    #expect(GNUProperty.value(0xc000_0000, in: large) == 0)
  }
}
