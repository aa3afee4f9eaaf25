// SPDX-License-Identifier: Apache-2.0

internal import CElf

/// A symbol table entry as the file states it, the same for both classes.
struct RawSymbol {
  var name: UInt32
  var info: UInt8
  var section: UInt16
  var value: UInt64
  var size: UInt64

  init(_ entry: Elf32_Sym) {
    (name, info, section) = (entry.st_name, entry.st_info, entry.st_shndx)
    (value, size) = (UInt64(entry.st_value), UInt64(entry.st_size))
  }

  init(_ entry: Elf64_Sym) {
    (name, info, section) = (entry.st_name, entry.st_info, entry.st_shndx)
    (value, size) = (entry.st_value, entry.st_size)
  }

  var type: SymbolType { SymbolType(rawValue: info & 0xf) }
  var binding: SymbolBinding { SymbolBinding(rawValue: info >> 4) }
  /// Whether references from other images can find it.
  var isExported: Bool { section != 0 && (binding == .global || binding == .weak) }
}
