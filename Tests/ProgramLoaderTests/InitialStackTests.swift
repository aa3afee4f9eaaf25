// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import Testing

@Suite("Initial stack")
struct InitialStackTests {
  private static func words(_ stack: InitialStack, size: Int) -> [UInt64] {
    stride(from: 0, to: stack.bytes.count / size * size, by: size).map { start in
      stack.bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private static func string(_ stack: InitialStack, at address: UInt64) -> String {
    String(decoding: stack.bytes[Int(address - stack.stackPointer)...].prefix { $0 != 0 }, as: UTF8.self)
  }

  @Test(
    "builds an initial stack with count, pointers, vector and strings where the kernel puts them, aligned to 16 bytes",
    arguments: [InitialStack.WordSize.four, .eight], [0, 1, 2, 3])
  func layout(wordSize: InitialStack.WordSize, extra: Int) {
    let top: UInt64 = 0x7fff_f000
    let arguments = ["program", "a"] + [String](repeating: "x", count: extra)
    let environment = ["HOME=/root", "EMPTY="]
    let stack = InitialStack(
      top: top, wordSize: wordSize, executablePath: Array("/bin/program".utf8),
      arguments: arguments.map { Array($0.utf8) }, environment: environment.map { Array($0.utf8) },
      platform: Array("x86_64".utf8), random: Array(0..<16),
      auxiliary: [(6, 4096), (15, 0), (25, 0), (31, 0), (9, 0x1234)])
    #expect(stack.stackPointer % 16 == 0)
    #expect(stack.stackPointer + UInt64(stack.bytes.count) == top)
    #expect(stack.bytes.suffix(8).allSatisfy { $0 == 0 })
    let words = Self.words(stack, size: wordSize.rawValue)
    #expect(words[0] == UInt64(arguments.count))
    #expect(words[1...arguments.count].map { Self.string(stack, at: $0) } == arguments)
    #expect(words[arguments.count + 1] == 0)
    let first = arguments.count + 2
    #expect(words[first..<first + 2].map { Self.string(stack, at: $0) } == environment)
    #expect(words[first + 2] == 0)
    let vector = Array(words[(first + 3)...].prefix(12))
    #expect(Array(vector[..<2]) == [6, 4096])
    #expect(vector[2] == 15 && Self.string(stack, at: vector[3]) == "x86_64")
    let random = Int(vector[5] - stack.stackPointer)
    #expect(vector[4] == 25 && Array(stack.bytes[random..<random + 16]) == Array(0..<16))
    #expect(vector[6] == 31 && Self.string(stack, at: vector[7]) == "/bin/program")
    #expect(Array(vector[8...]) == [9, 0x1234, 0, 0])
  }
}
