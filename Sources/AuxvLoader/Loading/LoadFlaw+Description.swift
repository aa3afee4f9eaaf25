extension LoadFlaw: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noLoadableSegment: "no segment is to be loaded"
    case .fileSizeExceedsMemorySize(let segment, let fileSize, let memorySize):
      "segment \(segment) has \(fileSize) bytes in the file but \(memorySize) in memory"
    case .alignmentNotPowerOfTwo(let segment, let alignment):
      "segment \(segment) is aligned to \(hex(alignment)), not a power of two"
    case .addressNotCongruentToOffset(let segment, let address, let offset):
      "segment \(segment) at address \(hex(address)) can't be mapped from file offset \(hex(offset)): "
        + "they differ within a page"
    case .addressOutOfRange(let segment, let address, let size):
      "segment \(segment) at address \(hex(address)), \(size) bytes, reaches past the last address"
    case .beyondEndOfFile(let segment, let offset, let size, let fileSize):
      "segment \(segment) at file offset \(hex(offset)), \(size) bytes, reaches past the file's end at \(hex(fileSize))"
    case .outOfOrder(let segment, let address):
      "segment \(segment) at address \(hex(address)) is below the one before it"
    case .overlap(let segment, let other, let address):
      "segments \(other) and \(segment) overlap at address \(hex(address))"
    case .addressTooLow(let address, let limit):
      "the first segment is at address \(hex(address)), nothing may be mapped below \(hex(limit))"
    case .tooLarge(let bytes, let limit): "the segments need \(bytes) bytes of memory, there may be \(limit)"
    case .entryOutsideExecutableSegment(let entry):
      "the entry point \(hex(entry)) is in no executable segment"
    case .interpreterPathLength(let segment, let bytes):
      "segment \(segment) holds an interpreter's path of \(bytes) bytes, allowed are 2 to 4096"
    case .interpreterPathUnterminated(let offset):
      "the interpreter's path at file offset \(hex(offset)) has no null at its end"
    case .interpreterNeedsInterpreter: "the interpreter asks for an interpreter itself"
    }
  }
}
