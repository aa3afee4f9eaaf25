// SPDX-License-Identifier: Apache-2.0

/// The kind of an entry of the dynamic table. An open set; the corresponding C constants are `DT_*`.
public struct DynamicTag: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int64

  @inlinable
  public init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  /// Ends the table. The corresponding C constant is `DT_NULL`.
  public static var null: DynamicTag { DynamicTag(rawValue: 0) }
  /// The corresponding C constant is `DT_HASH`.
  public static var hashTable: DynamicTag { DynamicTag(rawValue: 4) }
  /// The corresponding C constant is `DT_STRTAB`.
  public static var strings: DynamicTag { DynamicTag(rawValue: 5) }
  /// The corresponding C constant is `DT_SYMTAB`.
  public static var symbols: DynamicTag { DynamicTag(rawValue: 6) }
  /// The corresponding C constant is `DT_RELA`.
  public static var relocationsWithAddends: DynamicTag { DynamicTag(rawValue: 7) }
  /// The corresponding C constant is `DT_STRSZ`.
  public static var stringsSize: DynamicTag { DynamicTag(rawValue: 10) }
  /// The corresponding C constant is `DT_SYMENT`.
  public static var symbolSize: DynamicTag { DynamicTag(rawValue: 11) }
  /// The corresponding C constant is `DT_SONAME`.
  public static var soname: DynamicTag { DynamicTag(rawValue: 14) }
  /// The corresponding C constant is `DT_REL`.
  public static var relocations: DynamicTag { DynamicTag(rawValue: 17) }
  /// The corresponding C constant is `DT_TEXTREL`.
  public static var textRelocations: DynamicTag { DynamicTag(rawValue: 22) }
  /// The corresponding C constant is `DT_GNU_HASH`.
  public static var gnuHashTable: DynamicTag { DynamicTag(rawValue: 0x6fff_fef5) }
  /// The corresponding C constant is `DT_VERSYM`.
  public static var versionSymbols: DynamicTag { DynamicTag(rawValue: 0x6fff_fff0) }
  /// The corresponding C constant is `DT_VERDEF`.
  public static var versionDefinitions: DynamicTag { DynamicTag(rawValue: 0x6fff_fffc) }
  /// The corresponding C constant is `DT_VERDEFNUM`.
  public static var versionDefinitionCount: DynamicTag { DynamicTag(rawValue: 0x6fff_fffd) }
  /// The corresponding C constant is `DT_VERNEED`.
  public static var versionNeeds: DynamicTag { DynamicTag(rawValue: 0x6fff_fffe) }
}

/// The bits of a symbol's version that hold its number; the remaining bit says that the symbol is hidden. The corresponding C constant is
/// `VERSYM_VERSION`.
package var versionIndexMask: UInt16 { 0x7fff }
