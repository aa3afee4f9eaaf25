// SPDX-License-Identifier: Apache-2.0

import ELF
import TestSupport
import Testing
import VDSOImageRules
import VDSOImages

@Suite("Rules of code pages")
struct ImageRuleTests {
  @Test("the built images keep all rules of code pages", arguments: BuiltImage.all)
  func kept(image: BuiltImage) {
    #expect(ImageRules.violations(in: image.bytes, traps: image.flavor == .linux) == [])
  }

  @Test("the rules require a system call instruction in every image except the one for GNU Mach")
  func systemCalls() throws {
    #expect(ImageRules.violations(in: try BuiltImage(.i386, .mach).bytes).map(\.rule) == [.systemCall])
    #expect(ImageRules.violations(in: try BuiltImage(.i386).bytes, traps: false).map(\.rule) == [.systemCall])
  }

  @Test("checking an image with any damaged byte never crashes", arguments: 0..<16)
  func damage(part: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let whole = try BuiltImage(.x86_64).bytes
    for _ in 0..<200 {
      var bytes = whole
      bytes[Int.random(in: part * 240..<min((part + 1) * 240, bytes.count), using: &generator)] = generator.next(
        upTo: 255)
      _ = ImageRules.violations(in: bytes)
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func next(upTo limit: UInt8) -> UInt8 { UInt8.random(in: 0...limit, using: &self) }
}
