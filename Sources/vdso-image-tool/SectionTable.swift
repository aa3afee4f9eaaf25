// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// The section headers of an image, cut down to those that debuggers and profilers work by.
///
/// The linker writes one for each of a dozen sections, 64 bytes each: a sixth of the page. The contents of the others
/// are found through the dynamic table and the program headers. gdb has no other way to `.eh_frame` and `.dynsym`.
enum SectionTable {
  /// The last one holds the names of all.
  private static let kept = [".text", ".dynsym", ".eh_frame", ".dynstr"]

  /// Returns the bytes of `image`, as the linker wrote it, with its tables compacted and the kept headers after them.
  static func trimmed(_ image: LinkedImage) throws -> [UInt8] {
    let compact = try DynamicTables.compacted(image, sectionNames: kept)
    let headers = try kept.map(image.section)
    /// The new number of a section by its old one.
    let numbers = (0..<image.sectionCount).map { (headers.firstIndex(of: image.header($0)) ?? -1) + 1 }
    var result = compact.image
    for symbol in try result.symbols() {
      let field = symbol + result.layout.symbolSectionField
      result[field, 2] = numbers[result[field, 2]]
    }
    let table = (compact.end + result.wordSize - 1) / result.wordSize * result.wordSize
    let rows = headers.map { Array(result.bytes[$0..<$0 + result.layout.sectionSize]) }
    result.bytes.removeSubrange(compact.end...)
    result.bytes += [UInt8](repeating: 0, count: table - compact.end + result.layout.sectionSize)
    result.setTable(offset: table, count: kept.count + 1, names: kept.count)
    for (name, row) in zip(kept, rows) {
      let header = result.bytes.count
      result.bytes += row
      result[header, 4] = compact.strings.offset(of: name)
      // Constants that the linker put among the code brought SHF_MERGE along.
      result[header + result.layout.sectionFlagsField, result.wordSize] &= ~0x10
      let link = header + result.layout.sectionLinkField
      result[link, 4] = numbers[result[link, 4]]
    }
    return result.bytes
  }
}
