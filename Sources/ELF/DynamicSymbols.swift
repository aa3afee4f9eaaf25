// SPDX-License-Identifier: Apache-2.0

/// The dynamic symbols of an image, with their strings, versions and hash table. They are copied once, and each use is checked.
///
/// A value: it outlives the image and may be used from any thread. No function here reads outside what was copied.
public struct DynamicSymbols: Sendable {
  /// How names are looked up.
  public enum Lookup: Hashable, Sendable {
    /// Through `DT_GNU_HASH`.
    case gnuHash
    /// Through `DT_HASH`.
    case hash
    /// One symbol after another, without a hash table.
    case linear
  }

  /// How `index(of:version:)` looks names up.
  public let lookup: Lookup
  /// The versions that the image defines, empty if it has none.
  public let versions: [VersionDefinition]
  /// The name of the image, or nil if it has none. The corresponding C constant is `DT_SONAME`.
  public let soname: String?
  let symbols: [RawSymbol]
  let strings: StringTable
  let versionIndices: [UInt16]
  let needsVersions: Bool
  let hashTable: HashTable?
  let gnuHashTable: GNUHashTable?

  /// The number of entries, the empty one at index 0 included.
  public var count: Int { symbols.count }

  /// The symbol at an index of the table.
  ///
  /// Throws for an index past the end, a name outside the strings, or a version that is not defined.
  public func symbol(at index: Int) throws(ELFError) -> Symbol {
    let raw = try rawSymbol(at: index)
    let versionIndex = index < versionIndices.count ? versionIndices[index] : 1
    return Symbol(
      index: index,
      name: try strings.string(at: raw.name),
      value: raw.value,
      size: raw.size,
      type: raw.type,
      binding: raw.binding,
      section: SymbolSection(raw.section),
      version: try versionName(versionIndex & versionIndexMask),
      isHidden: versionIndex & 0x8000 != 0)
  }

  /// Every symbol that the image defines, in the table's order.
  public func defined() throws(ELFError) -> [Symbol] {
    var result: [Symbol] = []
    for index in symbols.indices where symbols[index].section != 0 { result.append(try symbol(at: index)) }
    return result
  }

  /// The names of the symbols that the image imports.
  public func importedNames() throws(ELFError) -> [String] {
    var result: [String] = []
    for symbol in symbols.dropFirst() where symbol.section == 0 { result.append(try strings.string(at: symbol.name)) }
    return result
  }

  func rawSymbol(at index: Int) throws(ELFError) -> RawSymbol {
    guard index >= 0, index < symbols.count else {
      throw .indexOutOfRange(.dynamicSymbols, index: UInt64(max(0, index)), limit: UInt64(symbols.count))
    }
    return symbols[index]
  }

  private func versionName(_ index: UInt16) throws(ELFError) -> String? {
    guard index > 1 else { return nil }
    if let definition = versions.first(where: { $0.index == index && !$0.isBase }) { return definition.name }
    guard needsVersions else {
      throw .indexOutOfRange(.versionDefinitions, index: UInt64(index), limit: UInt64(versions.count))
    }
    return nil
  }
}
