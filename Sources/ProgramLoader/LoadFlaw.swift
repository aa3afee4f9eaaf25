// SPDX-License-Identifier: Apache-2.0

/// A rule of the kernel that a program's headers break: execve wouldn't start it either.
///
/// Segments are positions in the program header table; addresses are as linked, in bytes like all sizes.
@nonexhaustive
public enum LoadFlaw: Error, Hashable, Sendable {
  /// The file ends inside the file header.
  case headerTruncated(fileSize: UInt64)
  /// `e_phentsize` is not the size of a program header.
  case programHeaderSize(found: UInt16, expected: Int)
  /// There is no program header, or more than 64 KiB of them.
  case programHeaderCount(Int)
  /// The program header table reaches past the end of the file.
  case programHeadersOutsideFile(offset: UInt64, size: Int, fileSize: UInt64)
  /// The interpreter has no loadable segment.
  case noLoadableSegment
  /// `p_filesz` is greater than `p_memsz`.
  case fileSizeExceedsMemorySize(segment: Int, fileSize: UInt64, memorySize: UInt64)
  /// `p_vaddr` and `p_offset` differ modulo the page size, so no page of the file fits.
  case addressNotCongruentToOffset(segment: Int, address: UInt64, offset: UInt64)
  /// `p_vaddr` plus `p_memsz` is past the last address, or past the last one that a program can use.
  case addressOutOfRange(segment: Int, address: UInt64, size: UInt64)
  /// A part of a segment that must be read or zeroed lies past the end of the file, which is truncated.
  case beyondEndOfFile(segment: Int, offset: UInt64, size: UInt64, fileSize: UInt64)
  /// `e_entry` is past the last address that a program can use.
  case entryOutOfRange(entry: UInt64, end: UInt64)
  /// PT_INTERP is too short or too long for a path.
  case interpreterPathLength(segment: Int, bytes: UInt64)
  /// PT_INTERP has no null at its end.
  case interpreterPathUnterminated(offset: UInt64)
}
