// SPDX-License-Identifier: Apache-2.0

import ELF

/// Bytes written in one class and byte order, and rewritten in place.
public struct ByteWriter {
  public private(set) var bytes: [UInt8] = []
  public let variant: ELFVariant

  public init(_ variant: ELFVariant) {
    self.variant = variant
  }

  public mutating func put<T: FixedWidthInteger>(_ value: T) {
    bytes += encoded(value)
  }

  /// An address or offset: four bytes in a 32-bit image, eight in a 64-bit one.
  public mutating func putWord(_ value: UInt64) {
    if variant.is64 { put(value) } else { put(UInt32(truncatingIfNeeded: value)) }
  }

  public mutating func put(contentsOf other: [UInt8]) {
    bytes += other
  }

  /// Zeroes up to a multiple of `alignment`; returns the offset reached.
  @discardableResult
  public mutating func align(to alignment: Int) -> Int {
    while bytes.count % alignment != 0 { bytes.append(0) }
    return bytes.count
  }

  public mutating func rewrite<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    bytes.replaceSubrange(offset..<offset + T.bitWidth / 8, with: encoded(value))
  }

  public mutating func rewriteWord(_ value: UInt64, at offset: Int) {
    if variant.is64 { rewrite(value, at: offset) } else { rewrite(UInt32(truncatingIfNeeded: value), at: offset) }
  }

  public mutating func truncate(to count: Int) {
    bytes.removeLast(bytes.count - count)
  }

  private func encoded<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    let little = (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    return variant.byteOrder == .littleEndian ? little : little.reversed()
  }
}
