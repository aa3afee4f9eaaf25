// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation
import TestSupport
import Testing

@testable import ExecEngine

@Suite("Injected calls")
struct InjectedCallsTests {
  private func words(_ bytes: [UInt8], _ width: ELFClass) -> [UInt64] {
    stride(from: 0, to: bytes.count, by: width.wordSize).map { offset in
      width == .bits64
        ? ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset)!
        : UInt64(ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: offset)!)
    }
  }

  @Test(
    "lays out an injected call as nine words, with stores of earlier results before it",
    arguments: [ELFClass.bits64, .bits32])
  func layout(width: ELFClass) {
    let size = UInt64(width.wordSize)
    let mask = width == .bits64 ? UInt64.max : UInt64(UInt32.max)
    var list = InjectedCalls(width, at: 0x1000)
    let first = list.call(39)
    list.call(9, .value(1), .result(first, plus: 5), .value(3), isEssential: false)
    list.endOfEssentials()
    list.call(7, isEssential: false)
    let notMade = UInt64(bitPattern: -115) & mask
    #expect(
      words(list.bytes, width) == [
        // The distance of the essential call leads past everything that was added after it.
        39, 0, 0, 0, 0, 0, 0, 13 * size, notMade,
        // The words are the source, the addend, and the address of the second argument.
        (.max - 1) & mask, 0x1000 + 8 * size, 5, 0x1000 + 15 * size,
        9, 1, 0, 3, 0, 0, 0, 0, notMade,
        7, 0, 0, 0, 0, 0, 0, 0, notMade,
      ])
  }

  @Test("undoes injected calls only if an essential one fails")
  func undoing() {
    var list = InjectedCalls(.bits64, at: 0x1000)
    let first = list.call(9)
    list.onFailure(.native) { $0.call(11, .result(first), isEssential: false) }
    list.call(7, isEssential: false)
    let words = words(list.bytes, .bits64)
    // The first distance leads from the end of the essential call past the call that always fails, the second from there past the undoing
    // calls.
    #expect(words[7] == 9 * 8)
    #expect(Array(words[9...10]) == [UInt64(CallNumbers.native.close), .max] && words[16] == (4 + 9) * 8)
    #expect(words[22] == 11 && words[31] == 7)
    #expect(list.results.filter { $0.isEssential } == [first])
  }

  @Test("distinguishes errors of injected calls from addresses above 2 GiB, and from calls that were not made")
  func results() {
    var list = InjectedCalls(.bits32, at: 0)
    let calls = (0..<3).map { list.call($0) }
    var bytes = list.bytes
    bytes.replaceSubrange(32..<36, with: [0, 0xf0, 0xff, 0xf7])
    bytes.replaceSubrange(68..<72, with: [0xfe, 0xff, 0xff, 0xff])
    #expect(calls.map { list.value(of: $0, in: bytes) } == [0xf7ff_f000, -2, -115])
  }

  @Test("finds the injected call that a task is making by its position in the list")
  func position() {
    var list = InjectedCalls(.bits64, at: 0x1000)
    let (first, second) = (list.call(1), list.call(2))
    // The positions of x86_64's code and of AArch64's while they make a call.
    #expect(list.isMaking(first, at: 0x1038) && list.isMaking(first, at: 0x1008))
    #expect(!list.isMaking(first, at: 0x1050) && list.isMaking(second, at: 0x1080))
    #expect(!list.isMaking(second, at: 0x1090))
  }

  @Test("finds why an essential call failed, by the list alone", arguments: [ELFClass.bits64, .bits32])
  func error(width: ELFClass) {
    var list = InjectedCalls(width, at: 0x1000)
    let first = list.call(9)
    list.call(3, .result(first), isEssential: false)
    let second = list.call(10)
    list.onFailure(.numbers(width)) { $0.call(11, .result(first), isEssential: false) }
    #expect(InjectedCalls.error(in: list.bytes, width) == nil)
    func bytes(_ results: [(InjectedCalls.Result, Int8)]) -> [UInt8] {
      var bytes = list.bytes
      for (result, value) in results {
        for index in 0..<width.wordSize {
          bytes[result.offset + index] = index == 0 ? UInt8(bitPattern: value) : value < 0 ? 0xff : 0
        }
      }
      return bytes
    }
    #expect(InjectedCalls.error(in: bytes([(first, 5)]), width) == nil)
    #expect(InjectedCalls.error(in: bytes([(first, 5), (second, -24)]), width) == -24)
    // After an essential call has failed, no other one is made.
    #expect(InjectedCalls.error(in: bytes([(first, -12)]), width) == -12)
    #expect(
      InjectedCalls.error(in: Array(bytes([(first, 5), (second, -24)]).dropLast(60 * width.wordSize)), width) == nil)
  }

  @Test("makes calls only where a descriptor is not open", arguments: [ELFClass.bits64, .bits32])
  func unlessOpen(width: ELFClass) {
    var list = InjectedCalls(width, at: 0x1000)
    let (size, numbers) = (width.wordSize, CallNumbers.numbers(width))
    list.unlessOpen(7, numbers) { $0.call(3) }
    let after = list.call(4)
    list.call(5, isEssential: false)
    list.endOfEssentials()
    let words = words(list.bytes, width)
    // A call that fails is followed by the next entry but one, of the three with nine words each.
    #expect(Array(words[0...2]) == [UInt64(numbers.fcntl), 7, 1] && words[7] == UInt64(9 * size))
    #expect(words[9] == UInt64(numbers.close) && words[16] == UInt64(9 * size))
    #expect(words[18] == 3 && words[25] == UInt64(18 * size) && words[27] == 4 && words[34] == UInt64(9 * size))
    // What the task's calls return where the descriptor is open, and a later essential call fails.
    var bytes = list.bytes
    for (offset, value) in [(8, 0), (17, -9), (after.offset / size, -24)] as [(Int, Int8)] {
      for index in 0..<size {
        bytes[offset * size + index] = index == 0 ? UInt8(bitPattern: value) : value < 0 ? 0xff : 0
      }
    }
    #expect(InjectedCalls.error(in: bytes, width) == -24)
    #expect(list.results.filter { $0.isEssential }.count == 2)
  }

  @Test("carries a wish for a descriptor's number in one word", arguments: [3, 63] as [Int32])
  func wish(number: Int32) {
    for wish in [DescriptorWish.anywhere, .atOnce(number), .inTwoSteps(number)] {
      #expect(wish.word <= UInt64(UInt32.max) && DescriptorWish(word: wish.word) == wish)
    }
    #expect(DescriptorWish.anywhere.word == 0)
  }

  struct Architecture: CustomTestStringConvertible, Sendable {
    var name: String
    var compiler: [String]
    var emulator: [String] = []
    var testDescription: String { name }
  }

  static let architectures = [
    Architecture(name: "x86_64", compiler: ["gcc"]),
    Architecture(name: "aarch64", compiler: Toolchain.clang(for: "aarch64"), emulator: ["qemu-aarch64"]),
    Architecture(name: "riscv64", compiler: Toolchain.clang(for: "riscv64"), emulator: ["qemu-riscv64"]),
  ]

  @Test("executes injected calls and then restores registers and signal mask", arguments: architectures)
  func code(_ architecture: Architecture) throws {
    let directory = try TemporaryDirectory()
    let sources = "\(Fixtures.package)/Sources/CLinux"
    let program = try Fixtures.compile(
      "programs/injected-calls.c",
      with: architecture.compiler + [
        "-static", "-O1", "-I\(sources)/include", "\(sources)/injected_calls_\(architecture.name).S",
        "\(sources)/resume_\(architecture.name).c",
      ], in: directory)
    let result = try Command.run(architecture.emulator + [program])
    #expect(result.status == 0 && result.output == "0 failures\n", "\(result)")
  }
}
