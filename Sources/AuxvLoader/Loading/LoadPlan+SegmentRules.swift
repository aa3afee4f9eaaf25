import ELF

extension ProgramHeader {
  /// The addresses of a segment that passed `check`.
  var memory: Range<UInt64> {
    virtualAddress..<virtualAddress + memorySize
  }

  /// The rules that one segment can break by itself. `index` is its position in the table.
  func check(index: Int, fileSize sizeOfFile: UInt64, limits: LoadPlan.Limits) throws(LoadFlaw) {
    guard fileSize <= memorySize else {
      throw .fileSizeExceedsMemorySize(segment: index, fileSize: fileSize, memorySize: memorySize)
    }
    guard alignment & (alignment &- 1) == 0 || alignment == 0 else {
      throw .alignmentNotPowerOfTwo(segment: index, alignment: alignment)
    }
    guard alignment <= UInt64(limits.addresses.count) else {
      throw .tooLarge(bytes: alignment, limit: UInt64(limits.addresses.count))
    }
    guard virtualAddress % limits.pageSize == fileOffset % limits.pageSize || fileSize == 0 else {
      throw .addressNotCongruentToOffset(segment: index, address: virtualAddress, offset: fileOffset)
    }
    let (end, wraps) = virtualAddress.addingReportingOverflow(memorySize)
    guard !wraps, end <= limits.addresses.upperBound else {
      throw .addressOutOfRange(segment: index, address: virtualAddress, size: memorySize)
    }
    let (fileEnd, fileWraps) = fileOffset.addingReportingOverflow(fileSize)
    guard !fileWraps, fileEnd <= sizeOfFile || fileSize == 0 else {
      throw .beyondEndOfFile(segment: index, offset: fileOffset, size: fileSize, fileSize: sizeOfFile)
    }
  }
}
