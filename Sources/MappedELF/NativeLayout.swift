// SPDX-License-Identifier: Apache-2.0

// The structures of an image of this program's own class. They have no padding, so that all bytes are valid.

/// The corresponding C structures are `Elf32_Phdr` and `Elf64_Phdr`.
struct NativeSegment: BitwiseCopyable {
  #if _pointerBitWidth(_64)
    var type: UInt32
    var flags: UInt32
    var fileOffset: UInt
    var virtualAddress: UInt
    var physicalAddress: UInt
    var fileSize: UInt
    var memorySize: UInt
    var alignment: UInt
  #else
    var type: UInt32
    var fileOffset: UInt
    var virtualAddress: UInt
    var physicalAddress: UInt
    var fileSize: UInt
    var memorySize: UInt
    var flags: UInt32
    var alignment: UInt
  #endif
}

/// The corresponding C structures are `Elf32_Dyn` and `Elf64_Dyn`.
struct NativeDynamicEntry: BitwiseCopyable {
  var tag: Int
  var value: UInt
}

/// The corresponding C structures are `Elf32_Sym` and `Elf64_Sym`.
struct NativeSymbol: BitwiseCopyable {
  #if _pointerBitWidth(_64)
    var name: UInt32
    var info: UInt8
    var other: UInt8
    var section: UInt16
    var value: UInt
    var size: UInt
  #else
    var name: UInt32
    var value: UInt
    var size: UInt
    var info: UInt8
    var other: UInt8
    var section: UInt16
  #endif

  var type: SymbolType { SymbolType(rawValue: info & 0xf) }
  /// Whether references from other images can find it.
  var isExported: Bool { section != 0 && (info >> 4 == 1 || info >> 4 == 2) }
}

/// The corresponding C structure is `Elf64_Verdef`, the same for both classes.
struct NativeVersionDefinition: BitwiseCopyable {
  var format: UInt16
  var flags: UInt16
  var index: UInt16
  var nameCount: UInt16
  var hash: UInt32
  /// The distance from the definition to its first name, in bytes.
  var names: UInt32
  /// The distance from the definition to the next, in bytes; 0 for the last one.
  var next: UInt32
}
