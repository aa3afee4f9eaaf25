// SPDX-License-Identifier: Apache-2.0

import LinuxTypes

extension ELFError {
  /// The offset in the image, in bytes, at which the rule is broken; nil if it isn't broken at one place.
  public var offset: UInt64? {
    switch self {
    case .notELF: 0
    case .unsupportedIdentification(let offset, _), .outsideImage(_, let offset, _, _),
      .wrongEntrySize(_, let offset, _, _), .unterminated(_, let offset), .badHashTable(_, let offset),
      .cycle(_, let offset), .badVersionDefinition(let offset), .badNote(let offset):
      offset
    case .file, .missing, .outsideSegments, .indexOutOfRange, .libelf: nil
    }
  }
}

extension ELFError: CustomStringConvertible {
  /// One line for people: what is wrong, where, and, if anything can be done, what.
  public var description: String {
    switch self {
    case .file(let operation, let errno):
      "cannot \(operation.verb): \(fileProblem(errno))"
    case .notELF:
      "not an ELF image: it does not begin with 7f 45 4c 46; pass a program, shared object or core file"
    case .unsupportedIdentification(let offset, let value):
      "unknown \(identificationField(offset)) \(value) at offset \(offset)"
    case .outsideImage(let part, let offset, let size, let imageSize):
      "\(part) (\(size) bytes at offset \(hexadecimal(offset))) is not inside the image of \(imageSize) bytes: the image is truncated or damaged"
    case .wrongEntrySize(let part, let offset, let found, let expected):
      "\(part): entry size \(found) at offset \(hexadecimal(offset)) should be \(expected)"
    case .missing(let part):
      "the image has no \(part)"
    case .unterminated(let part, let offset):
      "\(part) at offset \(hexadecimal(offset)) has no end"
    case .outsideSegments(let part, let address, let size):
      "\(part) (\(size) bytes at address \(hexadecimal(address))) is not inside one loadable segment"
    case .badHashTable(let part, let offset):
      "\(part) at offset \(hexadecimal(offset)) has an invalid number of buckets or filter words"
    case .cycle(let part, let offset):
      "\(part): the chain at offset \(hexadecimal(offset)) is a loop"
    case .indexOutOfRange(let part, let index, let limit):
      "\(part): index \(index) is past the last of \(limit) entries"
    case .badVersionDefinition(let offset):
      "version definition at offset \(hexadecimal(offset)) is damaged"
    case .badNote(let offset):
      "note at offset \(hexadecimal(offset)) reaches past the end of the notes"
    case .libelf(let message): "libelf: \(message)"
    }
  }
}

extension ELFPart: CustomStringConvertible {
  public var description: String {
    switch self {
    case .header: "file header"
    case .programHeaders: "program header table"
    case .sectionHeaders: "section header table"
    case .interpreter: "path of the interpreter"
    case .segment: "segment"
    case .dynamicTable: "dynamic table"
    case .dynamicStrings: "dynamic string table"
    case .dynamicSymbols: "dynamic symbol table"
    case .hashTable: "hash table"
    case .gnuHashTable: "GNU hash table"
    case .versionSymbols: "symbol version table"
    case .versionDefinitions: "version definitions"
    case .notes: "notes"
    case .string: "string"
    case .bytes: "range"
    }
  }
}

extension FileOperation {
  fileprivate var verb: String {
    switch self {
    case .open: "open the file"
    case .duplicate: "duplicate the file descriptor"
    case .status: "use the file"
    case .read: "read the file"
    }
  }
}

private func identificationField(_ offset: UInt64) -> String {
  switch offset {
  case 4: "class"
  case 5: "byte order"
  default: "version"
  }
}

/// The cause of an error of opening or reading a file, and what to do.
private func fileProblem(_ errno: Errno) -> String {
  switch errno {
  case .notPermitted, .permissionDenied: "permission denied; ask the owner for read permission"
  case .noSuchFileOrDirectory: "no such file; check the path"
  case .badFileDescriptor: "the descriptor is not open"
  case .notDirectory: "a component of the path is not a directory"
  case .isDirectory: "it is a directory; pass a file"
  case .tooManySymbolicLinkLevels: "too many symbolic links, or a loop of them"
  case .notSupported: "it is not a regular file"
  default: "\(errno)" + (errno.exceededLimit.map { "; \($0)" } ?? "")
  }
}
