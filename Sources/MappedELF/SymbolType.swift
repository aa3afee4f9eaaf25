// SPDX-License-Identifier: Apache-2.0

/// The kind of thing that a symbol names. The corresponding C constants are `STT_*`.
public struct SymbolType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// No kind is stated. The corresponding C constant is `STT_NOTYPE`.
  public static var none: SymbolType { SymbolType(rawValue: 0) }
  /// Data. The corresponding C constant is `STT_OBJECT`.
  public static var object: SymbolType { SymbolType(rawValue: 1) }
  /// Code. The corresponding C constant is `STT_FUNC`.
  public static var function: SymbolType { SymbolType(rawValue: 2) }
  /// Code that returns the address of a function. The corresponding C constant is `STT_GNU_IFUNC`.
  public static var indirectFunction: SymbolType { SymbolType(rawValue: 10) }
}

/// The visibility of a symbol in other images. The corresponding C constants are `STB_*`.
public struct SymbolBinding: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Other images don't see it. The corresponding C constant is `STB_LOCAL`.
  public static var local: SymbolBinding { SymbolBinding(rawValue: 0) }
  /// The corresponding C constant is `STB_GLOBAL`.
  public static var global: SymbolBinding { SymbolBinding(rawValue: 1) }
  /// The corresponding C constant is `STB_WEAK`.
  public static var weak: SymbolBinding { SymbolBinding(rawValue: 2) }
}
