/// A rule of the ELF specification, or of this system, that a program's headers break.
///
/// Segments are positions in the program header table; addresses are as linked, in bytes like all sizes.
public enum LoadFlaw: Error, Hashable, Sendable {
  /// Nothing is to be loaded.
  case noLoadableSegment
  /// `p_filesz` is greater than `p_memsz`.
  case fileSizeExceedsMemorySize(segment: Int, fileSize: UInt64, memorySize: UInt64)
  /// `p_align` is not a power of two.
  case alignmentNotPowerOfTwo(segment: Int, alignment: UInt64)
  /// `p_vaddr` and `p_offset` differ modulo the page size, so no page of the file fits.
  case addressNotCongruentToOffset(segment: Int, address: UInt64, offset: UInt64)
  /// `p_vaddr` and `p_memsz` reach past the last address, or past those that a program can use.
  case addressOutOfRange(segment: Int, address: UInt64, size: UInt64)
  /// `p_offset` and `p_filesz` reach past the end of the file: it was cut short.
  case beyondEndOfFile(segment: Int, offset: UInt64, size: UInt64, fileSize: UInt64)
  /// A segment begins below the one before it.
  case outOfOrder(segment: Int, address: UInt64)
  /// Two segments claim the same address.
  case overlap(segment: Int, with: Int, address: UInt64)
  /// A program at fixed addresses begins below those that may be mapped.
  case addressTooLow(address: UInt64, limit: UInt64)
  /// All segments together need more than there may be.
  case tooLarge(bytes: UInt64, limit: UInt64)
  /// No executable segment holds `e_entry`: a library, or a damaged program.
  case entryOutsideExecutableSegment(entry: UInt64)
  /// PT_INTERP is shorter than a path or longer than one may be.
  case interpreterPathLength(segment: Int, bytes: UInt64)
  /// PT_INTERP has no null at its end.
  case interpreterPathUnterminated(offset: UInt64)
  /// The interpreter asks for an interpreter itself.
  case interpreterNeedsInterpreter
}
