// SPDX-License-Identifier: Apache-2.0

/// The hash functions of symbol names.
public enum SymbolHash {
  /// The System V function, of DT_HASH. The corresponding C function is `elf_hash`.
  public static func systemV(_ name: some Collection<UInt8>) -> UInt32 {
    var hash: UInt32 = 0
    for byte in name {
      hash = hash << 4 &+ UInt32(byte)
      hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fff_ffff
    }
    return hash
  }

  /// GNU's function, of DT_GNU_HASH. The corresponding C function is `elf_gnu_hash`.
  public static func gnu(_ name: some Collection<UInt8>) -> UInt32 {
    var hash: UInt32 = 5381
    for byte in name { hash = hash &* 33 &+ UInt32(byte) }
    return hash
  }
}
