// SPDX-License-Identifier: Apache-2.0

/// A symbol's name and its hashes, computed once.
public struct SymbolName: Sendable {
  /// The name has more than one byte: a StaticString of a single character isn't allowed.
  public let text: StaticString
  /// The corresponding C function is `elf_gnu_hash`.
  public let gnuHash: UInt32

  @inlinable
  public init(_ text: StaticString, gnuHash: UInt32) {
    (self.text, self.gnuHash) = (text, gnuHash)
  }
}

extension MappedObject {
  /// The part of a symbol that a resolver needs.
  public struct Target: Hashable, Sendable {
    /// The address without load bias.
    public let value: UInt
    public let type: SymbolType
  }

  /// The versions of a name that are accepted.
  public struct VersionMatch: Sendable {
    enum Kind {
      case any
      case index(UInt16)
      case none
    }

    let kind: Kind

    /// Every version, hidden ones too.
    public static var any: VersionMatch { VersionMatch(kind: .any) }
  }

  /// The match for a version by its name. It accepts every version if the image defines none, and nothing if the image lacks this one.
  ///
  /// Throws if a definition leads outside the image.
  public func match(_ version: StaticString) throws(ELFError) -> VersionMatch {
    try match(NameBytes(version))
  }

  func match(_ version: NameBytes) throws(ELFError) -> VersionMatch {
    var isDefined = false
    let found = try versionDefinition { definition, name in
      isDefined = true
      return definition.flags & 1 == 0 && isString(version, at: name)
    }
    if let found { return VersionMatch(kind: .index(found.definition.index & versionIndexMask)) }
    return isDefined ? VersionMatch(kind: .none) : .any
  }

  /// The first version definition for which `matches` returns true. `matches` gets the definition and the offset of its name in the
  /// strings.
  func versionDefinition(
    where matches: (NativeVersionDefinition, UInt32) -> Bool
  ) throws(ELFError) -> (definition: NativeVersionDefinition, name: UInt32)? {
    guard let versions = tables.versions else { return nil }
    var place = UInt(versions.definitions)
    for _ in 0..<versions.count {
      guard let definition = bytes.load(NativeVersionDefinition.self, at: place), definition.format == 1,
        let name = bytes.load(UInt32.self, at: place &+ UInt(definition.names))
      else { throw .badVersionDefinition(offset: UInt64(place)) }
      if matches(definition, name) { return (definition, name) }
      guard definition.next > 0 else { break }
      let (next, overflow) = place.addingReportingOverflow(UInt(definition.next))
      guard !overflow else { throw .badVersionDefinition(offset: UInt64(place)) }
      place = next
    }
    return nil
  }

  /// The exported symbol of a name and version, or nil if there is none. Throws for damage that the search meets.
  @inline(__always)
  public func target(named name: SymbolName, _ version: VersionMatch) throws(ELFError) -> Target? {
    try symbol(NameBytes(name.text), gnuHash: name.gnuHash, version).map { found throws(ELFError) in
      Target(value: found.symbol.value, type: found.symbol.type)
    }
  }

  /// The exported symbol of a name and version with its index.
  @inline(__always)
  func symbol(
    _ name: NameBytes, gnuHash: UInt32, _ version: VersionMatch
  ) throws(ELFError) -> (index: UInt32, symbol: NativeSymbol)? {
    func matches(_ index: UInt32) throws(ELFError) -> (index: UInt32, symbol: NativeSymbol)? {
      let symbol = try symbol(at: index)
      guard symbol.isExported, try accepts(version, index), isString(name, at: symbol.name) else { return nil }
      return (index, symbol)
    }
    switch tables.lookup {
    case .gnuHash(let table): return try table.find(gnuHash, in: bytes, where: matches)
    case .hash(let table): return try table.find(name.systemVHash, in: bytes, where: matches)
    case .linear(let count):
      for index in 0..<count {
        if let found = try matches(index) { return found }
      }
      return nil
    }
  }

  @inline(__always)
  func symbol(at index: UInt32) throws(ELFError) -> NativeSymbol {
    // An index times 24 fits into 64 bits. On 32 bits it may wrap, to an offset that the load refuses or finds inside.
    let place = UInt(tables.symbols) &+ UInt(index) &* UInt(MemoryLayout<NativeSymbol>.size)
    guard let symbol = bytes.load(NativeSymbol.self, at: place) else {
      throw .indexOutOfRange(.dynamicSymbols, index: UInt64(index), limit: UInt64(bytes.count))
    }
    return symbol
  }

  @inline(__always)
  private func accepts(_ version: VersionMatch, _ index: UInt32) throws(ELFError) -> Bool {
    switch version.kind {
    case .any: return true
    case .none: return false
    case .index(let wanted):
      guard let versions = tables.versions,
        let stated = bytes.load(UInt16.self, at: UInt(versions.indices) &+ 2 &* UInt(index))
      else { throw .indexOutOfRange(.versionSymbols, index: UInt64(index), limit: UInt64(bytes.count)) }
      return stated & versionIndexMask == wanted
    }
  }

  /// Whether the string at an offset of the string table is `name`, including its end.
  @inline(__always)
  private func isString(_ name: NameBytes, at start: UInt32) -> Bool {
    guard start < tables.stringsSize, name.count < UInt(tables.stringsSize - start) else { return false }
    return bytes.holds(name, at: UInt(tables.strings) + UInt(start))
  }
}
