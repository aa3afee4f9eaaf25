// SPDX-License-Identifier: Apache-2.0

internal import CElf

extension ELFHeader {
  /// Class, byte order and version are known to be valid: `ELFIdentification` checked them.
  init(_ header: GElf_Ehdr) throws(ELFError) {
    guard let elfClass = ELFClass(rawValue: header.e_ident.4), let byteOrder = ByteOrder(rawValue: header.e_ident.5)
    else { throw .notELF }
    self.init(
      elfClass: elfClass,
      byteOrder: byteOrder,
      osABI: header.e_ident.7,
      abiVersion: header.e_ident.8,
      type: ELFType(rawValue: header.e_type),
      machine: Machine(rawValue: header.e_machine),
      entry: header.e_entry,
      flags: header.e_flags,
      headerSize: header.e_ehsize,
      programHeaderOffset: header.e_phoff,
      programHeaderEntrySize: header.e_phentsize,
      programHeaderCount: header.e_phnum,
      sectionHeaderOffset: header.e_shoff,
      sectionHeaderEntrySize: header.e_shentsize,
      sectionHeaderCount: header.e_shnum)
  }
}
