// SPDX-License-Identifier: Apache-2.0

import ELF

/// The addresses in an x86 code page to which a call of the page may return.
///
/// A word on a stack can look like one of them and be none. Instructions can't be read backwards, so an address counts if the bytes before
/// it may be a call.
struct ReturnAddresses {
  private let page: UInt64
  /// Whether the byte at an offset of the page follows a call.
  private let follows: [Bool]

  /// Takes those of the code page with these bytes, which is at `page`.
  init(of code: [UInt8], at page: UInt64) {
    self.page = page
    follows = code.indices.map { Self.followsCall($0, in: code) }
  }

  func contains(_ address: UInt64) -> Bool {
    address >= page && address - page < UInt64(follows.count) && follows[Int(address - page)]
  }

  /// Whether the words on a part of a stack, the lowest first, have one.
  func occur(in stack: [UInt8], _ width: ELFClass) -> Bool {
    stride(from: 0, to: stack.count, by: width.wordSize).contains { offset in
      let word =
        width == .bits64
        ? ByteOrder.littleEndian.word(UInt64.self, in: stack, at: offset)
        : ByteOrder.littleEndian.word(UInt32.self, in: stack, at: offset).map { UInt64($0) }
      return word.map(contains) ?? false
    }
  }

  private static func followsCall(_ offset: Int, in code: [UInt8]) -> Bool {
    // A call of the next instruction only finds out its address: nothing returns to it.
    if offset >= 5, code[offset - 5] == 0xe8 {
      let distance = ByteOrder.littleEndian.word(UInt32.self, in: code, at: offset - 4) ?? 0
      let target = offset + Int(Int32(bitPattern: distance))
      if distance != 0, code.indices.contains(target) { return true }
    }
    return (2...7).contains { $0 <= offset && callSize(at: offset - $0, in: code) == $0 }
  }

  /// The size of the call by a register or by memory at an offset; nil if there is none.
  private static func callSize(at offset: Int, in code: [UInt8]) -> Int? {
    guard code[offset] == 0xff, code[offset + 1] >> 3 & 7 == 2 else { return nil }
    let (mode, register) = (code[offset + 1] >> 6, code[offset + 1] & 7)
    guard mode != 3 else { return 2 }
    let index = register == 4 && offset + 2 < code.count ? code[offset + 2] : nil
    let isWide = mode == 2 || mode == 0 && (index ?? register) & 7 == 5
    return 2 + (register == 4 ? 1 : 0) + (isWide ? 4 : Int(mode))
  }
}
