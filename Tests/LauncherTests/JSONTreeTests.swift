// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import demo_loader_cli

/// The text of `--json`, compared with what Foundation's encoder makes of the same values.
@Suite("JSON as text")
struct JSONTreeTests {
  private struct Sample: Encodable {
    enum Kind: String, Encodable { case first, second }
    enum Keys: CodingKey { case names, nested, empty }
    struct Custom: Encodable {
      func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        var names = members.nestedUnkeyedContainer(forKey: .names)
        try names.encode("a")
        try names.encodeNil()
        var nested = names.nestedContainer(keyedBy: Keys.self)
        try nested.encode(names.count, forKey: .nested)
        try members.encodeNil(forKey: .empty)
        _ = members.nestedContainer(keyedBy: Keys.self, forKey: .nested)
      }
    }

    var numbers: [Double] = [1.5, 2, -0.0, 1e300, 1e-7, 1e16, 123_456_789.123, .leastNonzeroMagnitude]
    var floats: [Float] = [0.1, 3, 1e20]
    var whole = [Int64.min, Int64.max]
    var bytes: [UInt8] = [0, 255]
    var largest = UInt64.max
    var flags = [true, false]
    var missing: String?
    var present: String? = "/bin/true"
    var holes: [Int?] = [1, nil]
    var text = "\"\\/\n\r\t\u{8}\u{c}\0\u{1}\u{1f} \u{7f}\u{2028} \u{e9}e\u{301}\u{1f600}"
    var lists: [[String]] = [[], ["a"]]
    var objects: [String: [String: Kind]] = ["": [:], "a\"/": ["x": .first, "Y": .second]]
    var custom = [Custom()]
    // Numbers in keys are sorted as text.
    var a10 = 1
    var a9 = 2
    var Z = 3
  }

  @Test("is Foundation's, to the byte", arguments: [true, false])
  func sameText(escapesSlashes: Bool) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    if !escapesSlashes { encoder.outputFormatting.insert(.withoutEscapingSlashes) }
    let expected = String(decoding: try encoder.encode(Sample()), as: UTF8.self)
    #expect(try JSONTree(Sample()).text(escapesSlashes: escapesSlashes) == expected)
    let list = [Sample(), Sample()]
    #expect(
      try JSONTree(list).text(escapesSlashes: escapesSlashes)
        == String(decoding: try encoder.encode(list), as: UTF8.self))
    for scalar in (0...0x2ff).compactMap(Unicode.Scalar.init) {
      let word = String(Character(scalar))
      #expect(
        try JSONTree([word]).text(escapesSlashes: escapesSlashes)
          == String(decoding: try encoder.encode([word]), as: UTF8.self))
    }
  }

  @Test("refuses numbers that JSON doesn't have", arguments: [Double.nan, .infinity, -.infinity])
  func refusals(number: Double) {
    #expect(throws: EncodingError.self) { try JSONTree(["x": number]) }
  }
}
