// SPDX-License-Identifier: Apache-2.0

@_exported public import LinuxTypes

/// Why an image, or a part of it, cannot be used: one case for each rule that it breaks.
///
/// Offsets count bytes from the start of the image; addresses are as linked, without load bias.
@nonexhaustive
public enum ELFError: Error, Hashable, Sendable {
  /// The system refused the file: the operation, and the error number.
  case file(FileOperation, errno: Errno)
  /// The image does not begin with the bytes `7f 45 4c 46`.
  case notELF
  /// A field of the file header holds a value that no specification defines: offset 4, 5 or 6.
  case unsupportedIdentification(offset: UInt64, value: UInt8)
  /// Part of the image lies, or would lie, outside its bytes.
  case outsideImage(ELFPart, offset: UInt64, size: UInt64, imageSize: UInt64)
  /// The entries of a table have a size other than the one that the image's class prescribes.
  case wrongEntrySize(ELFPart, offset: UInt64, found: UInt64, expected: UInt64)
  /// The image has no such part.
  case missing(ELFPart)
  /// A table or string that must end with a null runs to its limit without one.
  case unterminated(ELFPart, offset: UInt64)
  /// No loadable segment holds the bytes of this part.
  case outsideSegments(ELFPart, address: UInt64, size: UInt64)
  /// A hash table counts no buckets, or a Bloom filter no words, or a number of words that is not a power of two.
  case badHashTable(ELFPart, offset: UInt64)
  /// A chain leads back to an entry that it has already passed.
  case cycle(ELFPart, offset: UInt64)
  /// An index points past the end of its table.
  case indexOutOfRange(ELFPart, index: UInt64, limit: UInt64)
  /// A version definition has an unknown format, or points outside the table.
  case badVersionDefinition(offset: UInt64)
  /// A note's sizes reach past the notes.
  case badNote(offset: UInt64)
  /// libelf refused data that had passed all checks before it.
  case libelf(LibelfMessage)
}

/// The operation on a file that the system refused.
public enum FileOperation: Hashable, Sendable {
  case open
  case duplicate
  case status
  case read
}

/// A part of an image, named as in the ELF specification.
public enum ELFPart: Hashable, Sendable {
  case header
  case programHeaders
  case sectionHeaders
  case interpreter
  case segment
  case dynamicTable
  case dynamicStrings
  case dynamicSymbols
  case hashTable
  case gnuHashTable
  case versionSymbols
  case versionDefinitions
  case notes
  case string
  case bytes
}
