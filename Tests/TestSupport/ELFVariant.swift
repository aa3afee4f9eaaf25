// SPDX-License-Identifier: Apache-2.0

public import ELF

/// One of the four formats of an ELF image.
public struct ELFVariant: Hashable, Sendable, CustomStringConvertible {
  public var elfClass: ELFClass
  public var byteOrder: ByteOrder

  public init(_ elfClass: ELFClass, _ byteOrder: ByteOrder) {
    self.elfClass = elfClass
    self.byteOrder = byteOrder
  }

  /// All four.
  public static let all = [
    ELFVariant(.bits32, .littleEndian),  // i386
    ELFVariant(.bits64, .littleEndian),  // x86_64
    ELFVariant(.bits32, .bigEndian),  // 32-bit PowerPC, MIPS
    ELFVariant(.bits64, .bigEndian),  // s390x
  ]

  /// The variant of this machine.
  public static let native = ELFVariant(.bits64, .littleEndian)

  public var is64: Bool { elfClass == .bits64 }

  public var description: String {
    (is64 ? "64-bit " : "32-bit ") + (byteOrder == .littleEndian ? "little-endian" : "big-endian")
  }
}
