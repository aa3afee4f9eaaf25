// SPDX-License-Identifier: Apache-2.0

import ELF

/// The layout of `struct timex` in memory: with 64-bit times, and i386's with 32-bit times.
enum TimexFormat: Hashable, Sendable {
  case bits64
  case bits32

  /// The fields that are used here; all others are 0.
  enum Field: Int, CaseIterable {
    case modes, offset, frequency, maximumError, estimatedError, status, constant, precision, tolerance, seconds,
      fraction, tick, tai
  }

  var byteCount: Int { self == .bits64 ? 208 : 128 }

  private func offset(_ field: Field) -> Int {
    switch self {
    case .bits64: [0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 160][field.rawValue]
    case .bits32: [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 80][field.rawValue]
    }
  }

  private func isLong(_ field: Field) -> Bool {
    self == .bits64 && field != .modes && field != .status && field != .tai
  }

  func value(_ field: Field, in bytes: [UInt8]) -> Int64 {
    let order = ByteOrder.littleEndian
    if isLong(field) {
      return order.word(UInt64.self, in: bytes, at: offset(field)).map { Int64(bitPattern: $0) } ?? 0
    }
    return order.word(UInt32.self, in: bytes, at: offset(field)).map { Int64(Int32(bitPattern: $0)) } ?? 0
  }

  func store(_ value: Int64, _ field: Field, in bytes: inout [UInt8]) {
    let word = UInt64(bitPattern: value)
    for index in 0..<(isLong(field) ? 8 : 4) {
      bytes[offset(field) + index] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(index)))
    }
  }
}
