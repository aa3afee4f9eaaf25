// SPDX-License-Identifier: Apache-2.0

/// The file header of an image. The corresponding C structures are `Elf32_Ehdr` and `Elf64_Ehdr`.
public struct ELFHeader: Hashable, Sendable {
  public var elfClass: ELFClass
  public var byteOrder: ByteOrder
  /// The operating system ABI, `e_ident[EI_OSABI]`.
  public var osABI: UInt8
  /// The version of that ABI, `e_ident[EI_ABIVERSION]`.
  public var abiVersion: UInt8
  public var type: ELFType
  public var machine: Machine
  /// The entry point as linked, `e_entry`: without load bias, 0 if there is none.
  public var entry: UInt64
  /// Processor-specific flags, `e_flags`.
  public var flags: UInt32
  /// The size that the file states for this header in bytes, `e_ehsize`. It isn't checked, because nothing depends on it.
  public var headerSize: UInt16
  /// Where the program header table starts in the file, `e_phoff`.
  public var programHeaderOffset: UInt64
  /// The size of one program header in bytes, `e_phentsize`.
  public var programHeaderEntrySize: UInt16
  /// How many program headers there are, `e_phnum`. With 0xffff (`PN_XNUM`), section header 0 has the real count.
  public var programHeaderCount: UInt16
  /// Where the section header table starts in the file, `e_shoff`: 0 if there is none.
  public var sectionHeaderOffset: UInt64
  /// The size of one section header in bytes, `e_shentsize`.
  public var sectionHeaderEntrySize: UInt16
  /// How many section headers there are, `e_shnum`.
  public var sectionHeaderCount: UInt16
}
