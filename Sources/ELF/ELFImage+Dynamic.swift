// SPDX-License-Identifier: Apache-2.0

internal import CElf

extension ELFImage {
  /// The dynamic table, found by the program headers: section headers may be stripped.
  ///
  /// Throws `.missing(.dynamicTable)` for a static program or an object file, and `.unterminated` for a table without an end.
  /// The corresponding C constant is `PT_DYNAMIC`.
  public func dynamicTable() throws(ELFError) -> DynamicTable {
    try dynamicTable(SegmentMap(self))
  }

  func dynamicTable(_ segments: SegmentMap) throws(ELFError) -> DynamicTable {
    guard let segment = segments.headers.first(where: { $0.type == .dynamic }) else { throw .missing(.dynamicTable) }
    let offset = segments.offset(of: segment)
    let count = segment.fileSize / entrySize(bits32: Entry32.self, bits64: Entry64.self)
    var entries = try table(
      .dynamicTable, at: offset, count: count, type: ELF_T_DYN,
      bits32: { (entry: Entry32) in
        DynamicTable.Entry(tag: DynamicTag(rawValue: Int64(entry.tag)), value: UInt64(entry.value))
      },
      bits64: { (entry: Entry64) in DynamicTable.Entry(tag: DynamicTag(rawValue: entry.tag), value: entry.value) })
    guard let end = entries.firstIndex(where: { $0.tag == .null }) else {
      throw .unterminated(.dynamicTable, offset: offset)
    }
    entries.removeSubrange(end...)
    return DynamicTable(entries: entries, offset: offset)
  }
}

/// `Elf32_Dyn` without its union, which does not count as plain bits.
private struct Entry32: BitwiseCopyable {
  var tag: Int32
  var value: UInt32
}

/// `Elf64_Dyn` without its union.
private struct Entry64: BitwiseCopyable {
  var tag: Int64
  var value: UInt64
}
