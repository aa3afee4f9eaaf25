// SPDX-License-Identifier: Apache-2.0

/// The place where a symbol is defined.
public enum SymbolSection: Hashable, Sendable {
  /// In another image. The corresponding C constant is `SHN_UNDEF`.
  case undefined
  /// Nowhere: its value is not an address. The corresponding C constant is `SHN_ABS`.
  case absolute
  /// In a section of this number, `SHN_COMMON` and other reserved numbers included.
  case index(UInt16)

  init(_ number: UInt16) {
    switch number {
    case 0: self = .undefined
    case 0xfff1: self = .absolute
    default: self = .index(number)
    }
  }
}

/// A dynamic symbol. The corresponding C structures are `Elf32_Sym` and `Elf64_Sym`.
public struct Symbol: Hashable, Sendable {
  /// Its index in the symbol table.
  public var index: Int
  public var name: String
  /// The address without load bias, or a number where `section` is absolute.
  public var value: UInt64
  /// The size in bytes, 0 if it is not known.
  public var size: UInt64
  public var type: SymbolType
  public var binding: SymbolBinding
  public var section: SymbolSection
  /// The version that defines it; nil if it has none, or only a version of another image.
  public var version: String?
  /// Whether only a reference that names the version finds it. The corresponding C constant is `VERSYM_HIDDEN`.
  public var isHidden: Bool

  public var isDefined: Bool { section != .undefined }
}

/// A version that an image defines. The corresponding C structures are `Elf32_Verdef` and `Elf64_Verdef`.
public struct VersionDefinition: Hashable, Sendable {
  /// The number by which symbols refer to it.
  public var index: UInt16
  public var name: String
  /// Whether it names the image itself. The corresponding C constant is `VER_FLG_BASE`.
  public var isBase: Bool
  /// The offset of the name in the strings.
  let nameOffset: UInt32
}
