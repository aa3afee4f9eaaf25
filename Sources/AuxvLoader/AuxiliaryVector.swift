// SPDX-License-Identifier: Apache-2.0

public import ELF

/// What a kernel gives a program at its start: a list of numbered values on the initial stack.
///
/// A value: it belongs to no process once read. Order and repetitions are kept; `AT_NULL`, which ends the list in
/// memory, is not an entry. The corresponding C structures are `Elf32_auxv_t` and `Elf64_auxv_t`.
public struct AuxiliaryVector: Hashable, Sendable {
  /// One numbered value.
  public struct Entry: Hashable, Sendable {
    public var key: AuxvKey
    /// The value, zero-extended where the process is 32-bit.
    public var value: UInt64

    public init(_ key: AuxvKey, _ value: UInt64) {
      self.key = key
      self.value = value
    }
  }

  /// The width and byte order of the words that a vector is made of in memory.
  public struct Format: Hashable, Sendable {
    public var elfClass: ELFClass
    public var byteOrder: ByteOrder

    public init(_ elfClass: ELFClass, _ byteOrder: ByteOrder) {
      self.elfClass = elfClass
      self.byteOrder = byteOrder
    }

    /// The format of this process.
    public static var native: Format { Format(.native, .native) }
  }

  public var entries: [Entry]

  public init(_ entries: [Entry] = []) {
    self.entries = entries
  }

  /// The first value of a key, or nil if there is none.
  ///
  /// Setting it changes the first entry of that key in place or appends one; setting nil removes all of them.
  /// The corresponding C function is `getauxval`.
  public subscript(key: AuxvKey) -> UInt64? {
    get {
      entries.first { $0.key == key }?.value
    }
    set {
      guard let newValue else { return entries.removeAll { $0.key == key } }
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index].value = newValue
      } else {
        entries.append(Entry(key, newValue))
      }
    }
  }
}
