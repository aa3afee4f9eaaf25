// SPDX-License-Identifier: Apache-2.0

// Lookup by constant names, without making a String.
//
// Assumes: a StaticString with `utf8Start` lives as long as the program, which the language guarantees.

extension DynamicSymbols {
  /// The part of a symbol that a resolver needs: no name, no version, no allocation.
  public struct Target: Hashable, Sendable {
    /// Its index in the symbol table.
    public let index: Int
    /// The address without load bias.
    public let value: UInt64
    public let type: SymbolType
  }

  /// Like `symbol(named:version:)`, for names known at compile time, which must be longer than one character. Allocates nothing.
  ///
  /// With `version: nil`, hidden symbols are found too.
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
