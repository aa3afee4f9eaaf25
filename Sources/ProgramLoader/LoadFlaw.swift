// SPDX-License-Identifier: Apache-2.0

/// A rule of the kernel's that a program's headers break: execve wouldn't start it either.
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
  /// Nothing of an interpreter is to be loaded.
  case noLoadableSegment
  /// `p_filesz` is greater than `p_memsz`.
  case fileSizeExceedsMemorySize(segment: Int, fileSize: UInt64, memorySize: UInt64)
  /// `p_vaddr` and `p_offset` differ modulo the page size, so no page of the file fits.
  case addressNotCongruentToOffset(segment: Int, address: UInt64, offset: UInt64)
  /// `p_vaddr` and `p_memsz` reach past the last address, or past those that a program can use.
  case addressOutOfRange(segment: Int, address: UInt64, size: UInt64)
  /// What must be read or zeroed of a segment lies past the end of the file: it was cut short.
  case beyondEndOfFile(segment: Int, offset: UInt64, size: UInt64, fileSize: UInt64)
  /// `e_entry` is past the last address that a program can use.
  case entryOutOfRange(entry: UInt64, end: UInt64)
  /// PT_INTERP is shorter than a path or longer than one may be.
  case interpreterPathLength(segment: Int, bytes: UInt64)
  /// PT_INTERP has no null at its end.
  case interpreterPathUnterminated(offset: UInt64)
}
