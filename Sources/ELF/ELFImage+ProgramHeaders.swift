// SPDX-License-Identifier: Apache-2.0

internal import CElf

extension ELFImage {
  /// The program header table, in the file's order; empty if there is none. The corresponding C structures are `Elf32_Phdr` and `Elf64_Phdr`.
  ///
  /// The table is checked to lie inside the image; the contents of its entries are not checked.
  public func programHeaders() throws(ELFError) -> [ProgramHeader] {
    let count = try programHeaderCount()
    guard count > 0 else { return [] }
    return try table(
      .programHeaders, at: header.programHeaderOffset, count: count, type: ELF_T_PHDR,
      bits32: { (entry: Elf32_Phdr) in ProgramHeader(entry) }, bits64: { (entry: Elf64_Phdr) in ProgramHeader(entry) })
  }

  /// The number of program headers: `e_phnum`, or above 65534 the `sh_info` of section header 0.
  private func programHeaderCount() throws(ELFError) -> UInt64 {
    guard header.programHeaderCount > 0 else { return 0 }
    let expected = entrySize(bits32: Elf32_Phdr.self, bits64: Elf64_Phdr.self)
    guard UInt64(header.programHeaderEntrySize) == expected else {
      throw .wrongEntrySize(
        .programHeaders, offset: header.elfClass == .bits32 ? 42 : 54, found: UInt64(header.programHeaderEntrySize),
        expected: expected)
    }
    guard header.programHeaderCount == UInt16(PN_XNUM) else { return UInt64(header.programHeaderCount) }
    guard header.sectionHeaderOffset > 0 else { throw .missing(.sectionHeaders) }
    let first = try table(
      .sectionHeaders, at: header.sectionHeaderOffset, count: 1, type: ELF_T_SHDR,
      bits32: { (entry: Elf32_Shdr) in entry.sh_info }, bits64: { (entry: Elf64_Shdr) in entry.sh_info })
    return UInt64(first[0])
  }
}

extension ProgramHeader {
  init(_ entry: Elf32_Phdr) {
    self.init(
      type: SegmentType(rawValue: entry.p_type), flags: SegmentFlags(rawValue: entry.p_flags),
      fileOffset: UInt64(entry.p_offset), virtualAddress: UInt64(entry.p_vaddr), fileSize: UInt64(entry.p_filesz),
      memorySize: UInt64(entry.p_memsz), alignment: UInt64(entry.p_align))
  }

  init(_ entry: Elf64_Phdr) {
    self.init(
      type: SegmentType(rawValue: entry.p_type), flags: SegmentFlags(rawValue: entry.p_flags),
      fileOffset: entry.p_offset, virtualAddress: entry.p_vaddr, fileSize: entry.p_filesz,
      memorySize: entry.p_memsz, alignment: entry.p_align)
  }
}
