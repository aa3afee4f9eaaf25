// SPDX-License-Identifier: Apache-2.0

/// The dynamic table, without the entry that ends it. The corresponding C structures are `Elf32_Dyn` and `Elf64_Dyn`.
public struct DynamicTable: Hashable, Sendable {
  /// One entry.
  public struct Entry: Hashable, Sendable {
    public var tag: DynamicTag
    /// An address without load bias, a size, a count or an offset into the strings.
    public var value: UInt64
  }

  public let entries: [Entry]
  /// Where the table starts in the image, in bytes.
  public let offset: UInt64

  /// The first value of a tag, or nil if there is none.
  public subscript(tag: DynamicTag) -> UInt64? {
    for entry in entries where entry.tag == tag { return entry.value }
    return nil
  }
}
