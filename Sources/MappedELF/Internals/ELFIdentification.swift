// SPDX-License-Identifier: Apache-2.0

// Assumes: each load follows a check of the prefix's length, made in the function that loads.

/// Checks the first bytes of an image before libelf sees it, because libelf reports every fault as "not ELF".
package enum ELFIdentification {
  package static let longestHeader = 64
  /// The first four bytes, 7f 45 4c 46, as a little-endian number. The corresponding C constant is `ELFMAG`.
  package static var magic: UInt32 { 0x464c_457f }

  /// Whether `bytes` begin as every image does.
  package static func begins(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && (0..<4).allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: magic >> UInt32(8 * $0)) }
  }

  /// `prefix` holds the first bytes of an image of `byteCount` bytes: `longestHeader` of them, or all there are.
  package static func check(_ prefix: RawSpan, byteCount: UInt64) throws(ELFError) {
    guard prefix.byteCount >= 4,
      unsafe UInt32(littleEndian: prefix.unsafeLoadUnaligned(as: UInt32.self)) == magic
    else { throw .notELF }
    guard prefix.byteCount >= 16 else { throw truncated(16, byteCount) }
    guard let elfClass = ELFClass(rawValue: byte(prefix, 4)) else {
      throw .unsupportedIdentification(offset: 4, value: byte(prefix, 4))
    }
    guard ByteOrder(rawValue: byte(prefix, 5)) != nil else {
      throw .unsupportedIdentification(offset: 5, value: byte(prefix, 5))
    }
    guard byte(prefix, 6) == 1 else { throw .unsupportedIdentification(offset: 6, value: byte(prefix, 6)) }
    let headerSize: UInt64 = elfClass == .bits32 ? 52 : 64
    guard byteCount >= headerSize else { throw truncated(headerSize, byteCount) }
  }

  private static func truncated(_ size: UInt64, _ byteCount: UInt64) -> ELFError {
    .outsideImage(.header, offset: 0, size: size, imageSize: byteCount)
  }

  private static func byte(_ prefix: RawSpan, _ offset: Int) -> UInt8 {
    unsafe prefix.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }
}
