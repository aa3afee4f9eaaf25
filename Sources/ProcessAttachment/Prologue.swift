// SPDX-License-Identifier: Apache-2.0

import ELF

/// The instructions at the start of a function that a jump replaces, and a moved copy of them with a jump back, through which the function
/// can still be called.
struct Prologue {
  /// The size of the jump: an instruction with a 32-bit distance.
  static let jumpSize = 5
  /// The size of a function by which 32-bit code finds out its own address: it returns its return address.
  static let positionFunctionSize = 4

  /// Why a function can't be changed.
  enum Flaw: Error, Hashable {
    /// It ends, or jumps, within the first five bytes, so a jump doesn't fit.
    case short
    /// It begins with an instruction that isn't known here.
    case unknown
    /// It jumps into its first instructions.
    case loop
  }

  /// The size of these instructions in bytes.
  let length: Int
  /// The moved code.
  let moved: [UInt8]
  /// The offset of each instruction in the function and in the moved code.
  let starts: [(original: Int, moved: Int)]

  /// Moves the start of the function `code`, which is at `address`, to `destination`. `called` are the first bytes of the function that
  /// this calls.
  init(
    of code: [UInt8], at address: UInt64, movedTo destination: UInt64, _ width: ELFClass, called: [UInt8]
  ) throws(Flaw) {
    var moved: [UInt8] = []
    var starts: [(original: Int, moved: Int)] = []
    var offset = 0
    while offset < Self.jumpSize {
      guard let instruction = Instruction(code, at: offset, width) else { throw .unknown }
      starts.append((offset, moved.count))
      let bytes = code[offset..<offset + instruction.length]
      offset += instruction.length
      let end = address &+ UInt64(offset)
      switch instruction.kind {
      case .anywhere: moved += bytes
      case .relativeData(let field):
        let old = ByteOrder.littleEndian.word(UInt32.self, in: Array(bytes), at: field) ?? 0
        let target = end &+ UInt64(bitPattern: Int64(Int32(bitPattern: old)))
        let next = destination &+ UInt64(moved.count + bytes.count)
        guard let distance = Self.distance(from: next, to: target, width) else { throw .unknown }
        moved += bytes.prefix(field) + distance + bytes.dropFirst(field + 4)
      case .branch(let condition, let distance):
        moved += [0x0f, 0x80 | condition]
        try Self.appendDistance(to: end &+ UInt64(bitPattern: Int64(distance)), destination, width, &moved)
      case .call(let distance):
        // The callee finds the address of what follows, which must be that in the function.
        guard distance == 0 || Self.isPositionFunction(called) else { throw .unknown }
        moved.append(distance == 0 ? 0x68 : 0xb8 | called[1] >> 3)  // push, mov
        ByteOrder.littleEndian.append(UInt32(truncatingIfNeeded: end), to: &moved)
      case .jump, .end: throw .short
      }
    }
    length = offset
    self.starts = starts
    moved.append(0xe9)
    try Self.appendDistance(to: address &+ UInt64(offset), destination, width, &moved)
    self.moved = moved
    guard !Self.jumpsBack(code, after: offset, width) else { throw .loop }
  }

  /// The bytes of a jump at `address`; nil if the distance is too large.
  static func jump(at address: UInt64, to target: UInt64, _ width: ELFClass) -> [UInt8]? {
    distance(from: address &+ UInt64(jumpSize), to: target, width).map { [0xe9] + $0 }
  }

  /// The target of a jump at `address`; nil if there is no jump.
  static func target(ofJump code: [UInt8], at address: UInt64, _ width: ELFClass) -> UInt64? {
    guard code.first == 0xe9, let distance = ByteOrder.littleEndian.word(UInt32.self, in: code, at: 1) else {
      return nil
    }
    return Self.target(from: address &+ UInt64(jumpSize), Int(Int32(bitPattern: distance)), width)
  }

  /// The address of the function that the first instructions call; nil if they call none.
  static func calledFunction(of code: [UInt8], at address: UInt64, _ width: ELFClass) -> UInt64? {
    var offset = 0
    while offset < jumpSize, let instruction = Instruction(code, at: offset, width) {
      offset += instruction.length
      if case .call(let distance) = instruction.kind { return target(from: address &+ UInt64(offset), distance, width) }
    }
    return nil
  }

  /// Whether a function only loads its return address into a register: `mov (%esp), register; ret`.
  private static func isPositionFunction(_ code: [UInt8]) -> Bool {
    code.count == positionFunctionSize && code[0] == 0x8b && code[1] & 0xc7 == 4 && code[2] == 0x24 && code[3] == 0xc3
  }

  private static func target(from address: UInt64, _ distance: Int, _ width: ELFClass) -> UInt64 {
    let target = address &+ UInt64(bitPattern: Int64(distance))
    return width == .bits64 ? target : UInt64(UInt32(truncatingIfNeeded: target))
  }

  private static func appendDistance(
    to target: UInt64, _ destination: UInt64, _ width: ELFClass, _ code: inout [UInt8]
  ) throws(Flaw) {
    guard let bytes = distance(from: destination &+ UInt64(code.count + 4), to: target, width) else { throw .unknown }
    code += bytes
  }

  /// The bytes of a distance; in 32-bit code every target has one, because addresses wrap around.
  private static func distance(from address: UInt64, to target: UInt64, _ width: ELFClass) -> [UInt8]? {
    let exact = Int64(bitPattern: target &- address)
    guard let distance = width == .bits64 ? Int32(exactly: exact) : Int32(truncatingIfNeeded: exact) else { return nil }
    var bytes: [UInt8] = []
    ByteOrder.littleEndian.append(UInt32(bitPattern: distance), to: &bytes)
    return bytes
  }

  /// Whether the function, as far as its instructions are known, jumps to an address behind its first byte and before `start`.
  private static func jumpsBack(_ code: [UInt8], after start: Int, _ width: ELFClass) -> Bool {
    var offset = start
    while let instruction = Instruction(code, at: offset, width) {
      offset += instruction.length
      switch instruction.kind {
      case .branch(_, let distance), .jump(let distance):
        if (1..<start).contains(offset + distance) { return true }
      default: break
      }
    }
    return false
  }
}
