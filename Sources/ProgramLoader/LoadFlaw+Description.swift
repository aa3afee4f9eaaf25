// SPDX-License-Identifier: Apache-2.0

import ELF

extension LoadFlaw: CustomStringConvertible {
  public var description: String {
    switch self {
    case .headerTruncated(let fileSize): "the file ends in its header, at \(fileSize) bytes"
    case .programHeaderSize(let found, let expected):
      "the file says that a program header has \(found) bytes, but it has \(expected)"
    case .programHeaderCount(let count): "there are \(count) program headers, but 1 to 64 KiB of them are allowed"
    case .programHeadersOutsideFile(let offset, let size, let fileSize):
      "the program headers at file offset \(hexadecimal(offset)), \(size) bytes, reach past the file's end at \(hexadecimal(fileSize))"
    case .noLoadableSegment: "there is no loadable segment"
    case .fileSizeExceedsMemorySize(let segment, let fileSize, let memorySize):
      "segment \(segment) has \(fileSize) bytes in the file but \(memorySize) in memory"
    case .addressNotCongruentToOffset(let segment, let address, let offset):
      "segment \(segment) at address \(hexadecimal(address)) can't be mapped from file offset \(hexadecimal(offset)): "
        + "they differ within a page"
    case .addressOutOfRange(let segment, let address, let size):
      "segment \(segment) at address \(hexadecimal(address)), \(size) bytes, reaches past the last address"
    case .beyondEndOfFile(let segment, let offset, let size, let fileSize):
      "segment \(segment) at file offset \(hexadecimal(offset)), \(size) bytes, reaches past the file's end at \(hexadecimal(fileSize))"
    case .entryOutOfRange(let entry, let end):
      "the entry point \(hexadecimal(entry)) is past the last address of a program, \(hexadecimal(end))"
    case .interpreterPathLength(let segment, let bytes):
      "segment \(segment) has an interpreter path of \(bytes) bytes, but 2 to 4096 are allowed"
    case .interpreterPathUnterminated(let offset):
      "the interpreter path at file offset \(hexadecimal(offset)) doesn't end in a null byte"
    }
  }
}
