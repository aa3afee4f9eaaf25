// SPDX-License-Identifier: Apache-2.0

import ELF

extension AuxiliaryVector.Entry {
  /// What the value points at in a process's memory: the bytes of a string without its null, or 16 bytes.
  ///
  /// Nil if the value is no such pointer or the memory can't be read.
  public func followed<Memory: ReadableMemory & ~Copyable>(
    in memory: borrowing Memory, catalog: AuxvCatalog = .linux
  ) -> [UInt8]? {
    switch catalog[key]?.kind {
    case .string: return memory.string(at: value)
    case .bytes16:
      let bytes = memory.bytes(at: value, count: 16)
      return bytes.count == 16 ? bytes : nil
    default: return nil
    }
  }

  /// The value in decimal or hexadecimal, as people expect it for a value of its kind.
  public func formattedValue(catalog: AuxvCatalog = .linux) -> String {
    catalog[key]?.kind.form == .decimal ? String(value) : hexadecimal(value)
  }
}

extension AuxiliaryVector: CustomStringConvertible {
  /// One line for each entry: Linux's name and the value.
  public var description: String {
    entries.map { "\($0.key): \($0.formattedValue())" }.joined(separator: "\n")
  }
}
