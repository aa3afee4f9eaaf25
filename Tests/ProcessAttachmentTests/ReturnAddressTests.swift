// SPDX-License-Identifier: Apache-2.0

import ELF
import Testing

@testable import ProcessAttachment

@Suite("Return addresses of the pages")
struct ReturnAddressTests {
  private static let page: UInt64 = 0xf7f0_0000

  @Test("an address counts if a call may be before it, but not one of the next instruction")
  func calls() {
    // nop; call +1; call +0; call *%eax; call *8(%ebx); nop; jmp *%eax
    let code: [UInt8] = [
      0x90, 0xe8, 1, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0xff, 0xd0, 0xff, 0x53, 8, 0x90, 0xff, 0xe0,
    ]
    let returns = ReturnAddresses(of: code, at: Self.page)
    let found = (0...UInt64(code.count)).filter { returns.contains(Self.page + $0) }
    #expect(found == [6, 13, 16])
    #expect(!returns.contains(Self.page - 1) && !returns.contains(Self.page + 4096))
  }

  @Test("words of a stack are found by their width", arguments: [ELFClass.bits32, .bits64])
  func words(width: ELFClass) {
    let returns = ReturnAddresses(of: [0xff, 0xd0, 0x90], at: Self.page)
    let size = width == .bits32 ? 4 : 8
    func stack(_ address: UInt64) -> [UInt8] {
      let word = (0..<size).map { UInt8(truncatingIfNeeded: address >> (8 * UInt64($0))) }
      return [UInt8](repeating: 0, count: 2 * size) + word + [1]
    }
    #expect(returns.occur(in: stack(Self.page + 2), width))
    #expect(!returns.occur(in: stack(Self.page + 3), width))
    #expect(!returns.occur(in: [], width))
  }
}
