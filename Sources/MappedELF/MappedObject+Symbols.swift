// SPDX-License-Identifier: Apache-2.0

// Lookup of a mapped object's symbols by C strings, and enumeration of them, with their names in place.
//
// Assumes: the mapping and the C strings stay readable during the call, as their owners promise.

/// A symbol of a mapped object. Its names lie in the image, null-terminated: they are valid while it is mapped.
@safe public struct MappedSymbol {
  public let name: UnsafePointer<CChar>
  /// The name of its version, nil if it has none.
  public let version: UnsafePointer<CChar>?
  /// The address without load bias.
  public let value: UInt
  /// The size in bytes.
  public let size: UInt
  public let type: SymbolType
  public let binding: SymbolBinding
  /// Whether `value` is a number and not an address.
  public let isAbsolute: Bool
}

extension MappedObject {
  /// The exported symbol of a name, and of a version unless that is nil; nil if there is none.
  ///
  /// Throws for damage that the search meets. Allocates nothing.
  @unsafe public func symbol(
    named name: UnsafePointer<CChar>, version: UnsafePointer<CChar>?
  ) throws(ELFError) -> MappedSymbol? {
    let bytes = unsafe NameBytes(name)
    let match: VersionMatch =
      if let version = unsafe version { try unsafe self.match(NameBytes(version)) } else { .any }
    guard let found = try symbol(bytes, gnuHash: bytes.gnuHash, match) else { return nil }
    return try described(found.symbol, at: found.index)
  }

  /// Calls `body` with each exported symbol until it returns false. Throws for damage that the enumeration meets.
  public func forEachSymbol(_ body: (MappedSymbol) throws(ELFError) -> Bool) throws(ELFError) {
    let count =
      switch tables.lookup {
      case .gnuHash(let table): try table.symbolCount(in: bytes)
      case .hash(let table): table.symbolCount
      case .linear(let count): count
      }
    for index in 0..<count {
      let symbol = try symbol(at: index)
      guard symbol.isExported else { continue }
      guard try body(described(symbol, at: index)) else { return }
    }
  }

  private func described(_ symbol: NativeSymbol, at index: UInt32) throws(ELFError) -> MappedSymbol {
    unsafe MappedSymbol(
      name: unsafe try text(at: symbol.name), version: unsafe try versionName(index), value: symbol.value,
      size: symbol.size, type: symbol.type, binding: SymbolBinding(rawValue: symbol.info >> 4),
      isAbsolute: symbol.section == 0xfff1)
  }

  /// The string at an offset of the string table. Its end is inside.
  @unsafe private func text(at start: UInt32) throws(ELFError) -> UnsafePointer<CChar> {
    let place = UInt(tables.strings) + UInt(start)
    guard start < tables.stringsSize, bytes.stringLength(at: place, limit: UInt(tables.stringsSize - start)) != nil,
      let address = unsafe UnsafePointer<CChar>(bitPattern: bytes.address &+ place)
    else {
      throw .indexOutOfRange(.dynamicStrings, index: UInt64(start), limit: UInt64(tables.stringsSize))
    }
    return unsafe address
  }

  /// The name of the version that the image gives a symbol; nil if it gives none, or the version is the image's own name.
  @unsafe private func versionName(_ index: UInt32) throws(ELFError) -> UnsafePointer<CChar>? {
    guard let versions = tables.versions else { return nil }
    guard let stated = bytes.load(UInt16.self, at: UInt(versions.indices) &+ 2 &* UInt(index)) else {
      throw .indexOutOfRange(.versionSymbols, index: UInt64(index), limit: UInt64(bytes.count))
    }
    let found = try versionDefinition { definition, _ in
      definition.flags & 1 == 0 && definition.index & versionIndexMask == stated & versionIndexMask
    }
    return if let found { unsafe try text(at: found.name) } else { nil }
  }
}
