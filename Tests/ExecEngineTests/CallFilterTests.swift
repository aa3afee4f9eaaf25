// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExecEngine

@Suite("Filters on system calls")
struct CallFilterTests {
  /// A filter's verdict, by the rules of socket filters; 0 if it ends without one.
  private func verdict(_ filter: CallFilter, _ abi: UInt32, _ number: UInt32, _ arguments: [UInt64]) -> UInt32 {
    var words: [UInt32] = [number, abi, 0, 0]
    for argument in arguments { words += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)] }
    var accumulator: UInt32 = 0
    var index = 0
    while index < filter.instructions.count {
      let instruction = filter.instructions[index]
      let operand = UInt32(instruction >> 32)
      index += 1
      switch instruction & 0xffff {
      case 0x20: accumulator = words[Int(operand / 4)]
      case 0x54: accumulator &= operand
      case 0x05: index += Int(operand)
      case 0x35: index += Int(accumulator >= operand ? instruction >> 16 & 0xff : instruction >> 24 & 0xff)
      case 0x15: index += Int(accumulator == operand ? instruction >> 16 & 0xff : instruction >> 24 & 0xff)
      case 0x06: return operand
      default: return 0
      }
    }
    return 0
  }

  @Test("intercepts exactly the listed system calls, on every ABI, however many there are")
  func everyCall() {
    // 300 calls take more instructions than a conditional jump can pass over.
    let many = (1000..<1300).map { InterceptedCall(.i386, $0) }
    let calls =
      many + .executing + [
        InterceptedCall(.x86_64, 230, where: [.init(argument: 1, mask: 1, value: 1)]),
        InterceptedCall(.x86_64, 202, where: [.init(argument: 1, mask: 0x7f, value: 3)], unlessNull: 3),
        InterceptedCall(.x86_64, 202, where: [.init(argument: 1, mask: 0x7f, value: 0)], unlessNull: 3),
        InterceptedCall(.x86_64, 7, unlessNull: 3),
        InterceptedCall(.x86_64, 286, where: [.init(argument: 0, value: 5), .init(argument: 3, mask: 1, value: 1)]),
        InterceptedCall(.x86_64, 286, where: [.init(argument: 1, value: 3)]), InterceptedCall(.x86_64, 8),
        InterceptedCall(.x86_64, 8, unlessNull: 3),
      ]
    let filter = CallFilter(calls)
    for abi in [SyscallABI.x86_64, .i386, .aarch64, .riscv64, SyscallABI(rawValue: 1)] {
      for number in Array(0..<2000) + [SyscallABI.x32 + 520, SyscallABI.x32 + 545, .max] as [UInt32] {
        for arguments in [
          [0, 0, 0, 0, 0, 0], [0, 0xffff_ffff_0000_0003, 0, 0, 0, 0], [0, 3, 0, 1, 0, 0], [0, 0, 0, 1 << 32, 0, 0],
          [0, 5, 0, 1, 0, 0], [5, 0, 0, 1, 0, 0], [5, 0, 0, 2, 0, 0], [4, 0, 0, 1, 0, 0],
        ] as [[UInt64]] {
          let notification = CallNotification(
            id: 0, place: 0, thread: 0, abi: abi, number: number, arguments: arguments, programCounter: 0)
          let waits = notification.isOne(of: calls)
          let verdict = verdict(filter, abi.rawValue, number, arguments)
          guard verdict == (waits ? 0x7fc0_0000 : 0x7fff_0000) else {
            Issue.record("\(abi), call \(number) with \(arguments): \(verdict)")
            return
          }
        }
      }
    }
  }

  @Test("distinguishes system calls by the bits of an argument")
  func conditions() {
    let filter = CallFilter([
      InterceptedCall(.x86_64, 230, where: [.init(argument: 1, mask: 1, value: 1)]),
      InterceptedCall(.x86_64, 202, where: [.init(argument: 1, mask: 0x100, value: 0x100)]),
      InterceptedCall(.x86_64, 7),
    ])
    func waits(_ number: UInt32, _ argument: UInt64) -> Bool {
      verdict(filter, SyscallABI.x86_64.rawValue, number, [0, argument, 0, 0, 0, 0]) == 0x7fc0_0000
    }
    #expect(waits(230, 1) && waits(230, 3) && !waits(230, 2) && !waits(230, 1 << 32))
    #expect(waits(202, 0x189) && !waits(202, 0x89) && waits(7, 0) && !waits(8, 1))
  }

  @Test("shares common parts of a system call filter, because the kernel takes longer to install a longer filter")
  func sharedParts() {
    let plain = (1000..<1300).map { InterceptedCall(.x86_64, $0) }
    // The filter has a comparison for each number, and those of the binary search.
    #expect(CallFilter(plain).instructions.count < 450)
    let conditional = [SyscallABI.x86_64, .i386].flatMap { abi in
      (0..<50).map { InterceptedCall(abi, 2 * $0, where: [.init(argument: 1, mask: 1, value: 1)], unlessNull: 2) }
    }
    #expect(CallFilter(conditional).instructions.count < 160)
  }

  @Test("a system call filter has no part for programs that this machine doesn't run")
  func abisOfThisMachine() {
    #expect(Set([InterceptedCall].executing.map { $0.abi.isOfThisMachine }) == [true])
    let calls = [SyscallABI.x86_64, .i386, .arm, .aarch64, .riscv64].map { InterceptedCall($0, 1) }
    let abis = CallInterceptor(calls) { _ in .proceed }.calls.map(\.abi)
    #expect(!abis.isEmpty && abis.count < 3 && abis.allSatisfy { $0.isOfThisMachine })
  }
}
