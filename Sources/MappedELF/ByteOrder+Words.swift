// SPDX-License-Identifier: Apache-2.0

// These functions are inlinable: as generic functions of another module they would take a microsecond each.

extension ByteOrder {
  /// The byte order of this machine.
  public static var native: ByteOrder {
    #if _endian(little)
      .littleEndian
    #else
      .bigEndian
    #endif
  }

  /// The unsigned word that lies at `offset` in `bytes`, or nil if it is not wholly inside.
  @inlinable
  public func word<T: FixedWidthInteger & UnsignedInteger>(_: T.Type, in bytes: [UInt8], at offset: Int) -> T? {
    let size = T.bitWidth / 8
    guard offset >= 0, offset <= bytes.count, size <= bytes.count - offset else { return nil }
    var word: T = 0
    for index in 0..<size {
      word = word << 8 | T(bytes[offset + (self == .bigEndian ? index : size - 1 - index)])
    }
    return word
  }

  /// Appends a word to `bytes`.
  @inlinable
  public func append<T: FixedWidthInteger & UnsignedInteger>(_ word: T, to bytes: inout [UInt8]) {
    let size = T.bitWidth / 8
    for index in 0..<size {
      bytes.append(UInt8(truncatingIfNeeded: word >> T((self == .bigEndian ? size - 1 - index : index) * 8)))
    }
  }
}

extension ELFClass {
  /// The class of this process.
  public static var native: ELFClass {
    #if _pointerBitWidth(_64)
      .bits64
    #else
      .bits32
    #endif
  }

  /// The size of an address in bytes.
  public var wordSize: Int {
    self == .bits64 ? 8 : 4
  }

  /// Appends a little-endian word of this size to `bytes`: the low part of `word`.
  package func append(_ word: UInt64, to bytes: inout [UInt8]) {
    for index in 0..<wordSize { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(index)))) }
  }
}
