// SPDX-License-Identifier: Apache-2.0

import ELF

extension AuxiliaryVector.Entry {
  /// What the value points at in a process's memory: the bytes of a string without its null, or 16 bytes.
  ///
  /// Nil for a value that is no such pointer or that cannot be read.
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

  /// The value as people expect it: decimal or hexadecimal by what it is.
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
