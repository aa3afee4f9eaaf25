// SPDX-License-Identifier: Apache-2.0

import ELF

/// An x86 instruction of a kind that compilers use in vDSO functions, described as far as moving it requires.
struct Instruction {
  enum Kind: Hashable {
    /// It has the same effect at every address.
    case anywhere
    /// It has a 32-bit distance, at that offset, from its end to data.
    case relativeData(Int)
    /// It jumps by a distance from its end if the condition with the given number holds.
    case branch(condition: UInt8, distance: Int)
    /// It jumps by a distance from its end.
    case jump(distance: Int)
    /// It calls a function at a distance from its end. Only in 32-bit code: there functions begin with calls that find out their address.
    case call(distance: Int)
    /// It returns.
    case end
  }

  let length: Int
  let kind: Kind

  /// Decodes the instruction at `start`; nil if it isn't known here, or is a call in 64-bit code, because its return address would change.
  init?(_ code: [UInt8], at start: Int, _ width: ELFClass) {
    var reader = Reader(code: code, start: start, width: width, offset: start)
    var is64Bit = false
    var hasPrefix = false
    var opcode: UInt8 = 0
    while true {
      guard let byte = reader.byte() else { return nil }
      if byte == 0x66 || byte == 0xf2 || byte == 0xf3 {
        hasPrefix = hasPrefix || byte == 0x66
        continue
      }
      if byte & 0xf0 == 0x40, width == .bits64 {
        is64Bit = byte & 8 != 0
        guard let next = reader.byte() else { return nil }
        opcode = next
      } else {
        opcode = byte
      }
      break
    }
    let found = opcode == 0x0f ? reader.secondMap(hasPrefix) : reader.firstMap(opcode, is64Bit, hasPrefix)
    guard let kind = found, reader.offset <= code.count, reader.offset - start <= 15 else { return nil }
    length = reader.offset - start
    self.kind = kind
  }
}

/// The remaining bytes of an instruction.
private struct Reader {
  let code: [UInt8]
  let start: Int
  let width: ELFClass
  var offset: Int

  mutating func byte() -> UInt8? {
    guard offset < code.count else { return nil }
    defer { offset += 1 }
    return code[offset]
  }

  private mutating func distance8() -> Int? { byte().map { Int(Int8(bitPattern: $0)) } }

  private mutating func distance32() -> Int? {
    defer { offset += 4 }
    return ByteOrder.littleEndian.word(UInt32.self, in: code, at: offset).map { Int(Int32(bitPattern: $0)) }
  }

  /// The operands that a ModRM byte describes, and an immediate of `immediate` bytes. In a `group`, only the first two instructions have an
  /// immediate.
  private mutating func operands(immediate: Int = 0, group: Bool = false) -> Instruction.Kind? {
    guard let modRM = byte() else { return nil }
    let (mode, memory) = (modRM >> 6, modRM & 7)
    var kind = Instruction.Kind.anywhere
    if mode != 3 {
      var base = memory
      if memory == 4 {
        guard let index = byte() else { return nil }
        base = index & 7
      }
      if mode == 0, memory == 5, width == .bits64 { kind = .relativeData(offset - start) }
      offset += mode == 1 ? 1 : mode == 2 || base == 5 ? 4 : 0
    }
    if !group || modRM >> 3 & 7 < 2 { offset += immediate }
    return kind
  }

  mutating func firstMap(_ opcode: UInt8, _ is64Bit: Bool, _ hasPrefix: Bool) -> Instruction.Kind? {
    let word = hasPrefix ? 2 : 4
    switch opcode {
    case 0x40...0x4f where width == .bits32: break
    case 0xa0...0xa3 where width == .bits32: offset += 4
    case 0xe8 where width == .bits32 && !hasPrefix: return distance32().map { .call(distance: $0) }
    case 0x00...0x3f where opcode & 7 < 4: return operands()
    case 0x00...0x3f where opcode & 7 == 4, 0x6a, 0xa8, 0xb0...0xb7: offset += 1
    case 0x00...0x3f where opcode & 7 == 5, 0x68, 0xa9: offset += word
    case 0x50...0x5f, 0x90...0x99, 0xc9: break
    case 0x63, 0x84...0x8b, 0x8d, 0x8f, 0xd0...0xd3, 0xfe: return operands()
    case 0x69, 0x81, 0xc7: return operands(immediate: word)
    case 0x6b, 0x80, 0x83, 0xc0, 0xc1, 0xc6: return operands(immediate: 1)
    case 0xf6: return operands(immediate: 1, group: true)
    case 0xf7: return operands(immediate: word, group: true)
    case 0x70...0x7f: return distance8().map { .branch(condition: opcode & 15, distance: $0) }
    case 0xb8...0xbf: offset += is64Bit ? 8 : word
    case 0xc3, 0xcc: return .end
    case 0xeb: return distance8().map { .jump(distance: $0) }
    case 0xe9: return distance32().map { .jump(distance: $0) }
    default: return nil
    }
    return .anywhere
  }

  mutating func secondMap(_ hasPrefix: Bool) -> Instruction.Kind? {
    guard let opcode = byte() else { return nil }
    switch opcode {
    case 0x05, 0x31, 0xa2, 0xc8...0xcf: return .anywhere
    case 0x01, 0x10...0x17, 0x1e, 0x1f, 0x28...0x2f, 0x40...0x4f, 0x54...0x5f, 0x6e, 0x6f, 0x7e, 0x7f, 0x90...0x9f,
      0xa3, 0xab, 0xae,
      0xaf, 0xb0, 0xb1, 0xb3, 0xb6...0xb8, 0xbb...0xc1, 0xc7, 0xd6, 0xef:
      return operands()
    case 0x70, 0xa4, 0xac, 0xba, 0xc6: return operands(immediate: 1)
    case 0x80...0x8f: return distance32().map { .branch(condition: opcode & 15, distance: $0) }
    default: return nil
    }
  }
}
