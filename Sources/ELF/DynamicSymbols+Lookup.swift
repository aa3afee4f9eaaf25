// SPDX-License-Identifier: Apache-2.0

extension DynamicSymbols {
  /// The symbol that a reference by name, or by name and version, finds; nil if there is none.
  ///
  /// Without a version, a symbol is found that isn't hidden. With a version, a symbol of that version is found, or any if the image defines
  /// no versions. Undefined and local symbols are skipped. Throws for damage that the search meets. The corresponding C functions are
  /// `dlsym` and `dlvsym`.
  public func symbol(named name: String, version: String? = nil) throws(ELFError) -> Symbol? {
    let wanted: VersionMatch
    if let version {
      wanted = try match(version.utf8)
    } else {
      wanted = .notHidden
    }
    guard let index = try index(of: name.utf8, wanted) else { return nil }
    return try symbol(at: index)
  }

  /// The defined symbol whose bytes hold `address`, global ones first; nil if there is none.
  ///
  /// `address` is without load bias. The corresponding C function is `dladdr`.
  public func symbol(containing address: UInt64) throws(ELFError) -> Symbol? {
    var best: Int?
    for index in symbols.indices {
      let candidate = symbols[index]
      guard candidate.section != 0, candidate.section < 0xff00, candidate.value <= address,
        address - candidate.value < max(1, candidate.size)
      else { continue }
      if best.map({ candidate.binding == .global && symbols[$0].binding != .global }) ?? true { best = index }
    }
    guard let best else { return nil }
    return try symbol(at: best)
  }

  /// The versions that satisfy a reference.
  enum VersionMatch {
    case any
    case notHidden
    case index(UInt16)
    case none
  }

  func match(_ version: some Collection<UInt8>) throws(ELFError) -> VersionMatch {
    guard !versions.isEmpty, !versionIndices.isEmpty else { return .any }
    for definition in versions where !definition.isBase {
      if try strings.equals(version, at: definition.nameOffset) { return .index(definition.index) }
    }
    return .none
  }

  func index(of name: some Collection<UInt8>, _ version: VersionMatch) throws(ELFError) -> Int? {
    func matches(_ index: Int) throws(ELFError) -> Bool {
      let symbol = try rawSymbol(at: index)
      return symbol.isExported && accepts(version, index) ? try strings.equals(name, at: symbol.name) : false
    }
    if let gnuHashTable { return try gnuHashTable.find(name, where: matches) }
    if let hashTable { return try hashTable.find(name, where: matches) }
    for index in symbols.indices where try matches(index) { return index }
    return nil
  }

  private func accepts(_ version: VersionMatch, _ index: Int) -> Bool {
    let stated = index < versionIndices.count ? versionIndices[index] : 1
    switch version {
    case .any: return true
    case .notHidden: return stated & 0x8000 == 0
    case .index(let wanted): return stated & versionIndexMask == wanted
    case .none: return false
    }
  }
}
