// SPDX-License-Identifier: Apache-2.0

import ELF

extension ProgramHeader {
  /// The rules that one segment can break. `index` is its position in the table.
  ///
  /// When execve finds such a flaw, it has already given up the old program, and ends the process by SIGSEGV.
  func check(index: Int, fileSize sizeOfFile: UInt64, limits: LoadPlan.Limits) throws(LoadFlaw) {
    guard fileSize <= memorySize else {
      throw .fileSizeExceedsMemorySize(segment: index, fileSize: fileSize, memorySize: memorySize)
    }
    let (end, wraps) = virtualAddress.addingReportingOverflow(memorySize)
    guard !wraps, end <= limits.end, virtualAddress < limits.end else {
      throw .addressOutOfRange(segment: index, address: virtualAddress, size: memorySize)
    }
    guard fileSize > 0 else { return }
    guard virtualAddress % limits.pageSize == fileOffset % limits.pageSize else {
      throw .addressNotCongruentToOffset(segment: index, address: virtualAddress, offset: fileOffset)
    }
    // The kernel's file offsets are signed.
    let (fileEnd, fileWraps) = fileOffset.addingReportingOverflow(fileSize)
    guard !fileWraps, fileEnd <= UInt64(Int64.max).roundedDown(to: limits.pageSize) else {
      throw .beyondEndOfFile(segment: index, offset: fileOffset, size: fileSize, fileSize: sizeOfFile)
    }
    // The zeros are written into the last page, so that page must belong to the file.
    let zeroesPage = memorySize > fileSize && flags.contains(.write) && fileEnd % limits.pageSize != 0
    guard !zeroesPage || fileEnd.roundedDown(to: limits.pageSize) < sizeOfFile else {
      throw .beyondEndOfFile(segment: index, offset: fileOffset, size: fileSize, fileSize: sizeOfFile)
    }
  }
}
