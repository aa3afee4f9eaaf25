// SPDX-License-Identifier: Apache-2.0

/// One entry of the program header table, as the file states it: nothing in it has been checked.
///
/// The corresponding C structures are `Elf32_Phdr` and `Elf64_Phdr`.
public struct ProgramHeader: Hashable, Sendable {
  public var type: SegmentType
  public var flags: SegmentFlags
  /// Where the segment's bytes start in the file, `p_offset`.
  public var fileOffset: UInt64
  /// Where the segment's bytes start in memory, without load bias, `p_vaddr`.
  public var virtualAddress: UInt64
  /// How many bytes the file holds, `p_filesz`.
  public var fileSize: UInt64
  /// How many bytes the memory holds, `p_memsz`.
  public var memorySize: UInt64
  /// The alignment in file and memory, `p_align`: 0 and 1 mean none.
  public var alignment: UInt64

  public init(
    type: SegmentType, flags: SegmentFlags, fileOffset: UInt64, virtualAddress: UInt64,
    fileSize: UInt64, memorySize: UInt64, alignment: UInt64
  ) {
    self.type = type
    self.flags = flags
    self.fileOffset = fileOffset
    self.virtualAddress = virtualAddress
    self.fileSize = fileSize
    self.memorySize = memorySize
    self.alignment = alignment
  }
}
