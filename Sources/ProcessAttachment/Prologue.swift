// SPDX-License-Identifier: Apache-2.0

import ELF

/// The instructions at the start of a function that a jump replaces, and a moved copy of them with a jump back, through which the function
/// can still be called.
struct Prologue {
  /// The size of the jump: an instruction with a 32-bit distance.
  static let jumpSize = 5

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

  /// Moves the start of the function `code`, which is at `address`, to `destination`.
  init(of code: [UInt8], at address: UInt64, movedTo destination: UInt64) throws(Flaw) {
    var moved: [UInt8] = []
    var starts: [(original: Int, moved: Int)] = []
    var offset = 0
    while offset < Self.jumpSize {
      guard let instruction = Instruction(code, at: offset) else { throw .unknown }
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
        guard let distance = Self.distance(from: next, to: target) else { throw .unknown }
        moved += bytes.prefix(field) + distance + bytes.dropFirst(field + 4)
      case .branch(let condition, let distance):
        moved += [0x0f, 0x80 | condition]
        try Self.appendDistance(to: end &+ UInt64(bitPattern: Int64(distance)), destination, &moved)
      case .jump, .end: throw .short
      }
    }
    length = offset
    self.starts = starts
    moved.append(0xe9)
    try Self.appendDistance(to: address &+ UInt64(offset), destination, &moved)
    self.moved = moved
    guard !Self.jumpsBack(code, after: offset) else { throw .loop }
  }

  /// The bytes of a jump at `address`; nil if the distance is too large.
  static func jump(at address: UInt64, to target: UInt64) -> [UInt8]? {
    distance(from: address &+ UInt64(jumpSize), to: target).map { [0xe9] + $0 }
  }

  /// The target of a jump at `address`; nil if there is no jump.
  static func target(ofJump code: [UInt8], at address: UInt64) -> UInt64? {
    guard code.first == 0xe9, let distance = ByteOrder.littleEndian.word(UInt32.self, in: code, at: 1) else {
      return nil
    }
    return address &+ UInt64(jumpSize) &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance)))
  }

  private static func appendDistance(to target: UInt64, _ destination: UInt64, _ code: inout [UInt8]) throws(Flaw) {
    guard let bytes = distance(from: destination &+ UInt64(code.count + 4), to: target) else { throw .unknown }
    code += bytes
  }

  private static func distance(from address: UInt64, to target: UInt64) -> [UInt8]? {
    guard let distance = Int32(exactly: Int64(bitPattern: target &- address)) else { return nil }
    var bytes: [UInt8] = []
    ByteOrder.littleEndian.append(UInt32(bitPattern: distance), to: &bytes)
    return bytes
  }

  /// Whether the function, as far as its instructions are known, jumps to an address behind its first byte and before `start`.
  private static func jumpsBack(_ code: [UInt8], after start: Int) -> Bool {
    var offset = start
    while let instruction = Instruction(code, at: offset) {
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
