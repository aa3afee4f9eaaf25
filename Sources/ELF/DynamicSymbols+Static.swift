// SPDX-License-Identifier: Apache-2.0

// Lookup by names that are in the program's own read-only data: no String is made.
//
// Assumes: a StaticString with `utf8Start` lives as long as the program, which the language guarantees.

extension DynamicSymbols {
  /// What a resolver needs of a symbol: no name, no version, no allocation.
  public struct Target: Hashable, Sendable {
    /// Its place in the symbol table.
    public let index: Int
    /// The address without load bias.
    public let value: UInt64
    public let type: SymbolType
  }

  /// As `symbol(named:version:)` for names known at compile time, which must not be single scalars. Allocates nothing.
  ///
  /// With `version: nil` a hidden one is found too.
  public func target(named name: StaticString, version: StaticString?) throws(ELFError) -> Target? {
    var wanted = VersionMatch.any
    if let version {
      // SAFETY: the pointer is to a constant string.
      wanted = unsafe try match(UnsafeBufferPointer(start: version.utf8Start, count: version.utf8CodeUnitCount))
    }
    // SAFETY: the pointer is to a constant string.
    return unsafe try target(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), wanted)
  }

  /// The symbol of any version whose name is these bytes. Allocates nothing.
  public func target(named name: UnsafeBufferPointer<UInt8>) throws(ELFError) -> Target? {
    unsafe try target(name, .any)
  }

  private func target(_ name: UnsafeBufferPointer<UInt8>, _ version: VersionMatch) throws(ELFError) -> Target? {
    guard let index = unsafe try index(of: name, version) else { return nil }
    return Target(index: index, value: symbols[index].value, type: symbols[index].type)
  }
}
