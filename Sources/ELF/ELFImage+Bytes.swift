// SPDX-License-Identifier: Apache-2.0

// Bytes and strings of an image, copied out.
//
// Assumes nothing beyond what `ElfHandle.withChunk` checks. Each copy takes the whole chunk that it is given.

internal import CElf

extension ELFImage {
  /// A copy of `count` bytes from `offset`, counted from the start of the image.
  public func bytes(at offset: UInt64, count: UInt64) throws(ELFError) -> [UInt8] {
    try bytes(.bytes, at: offset, count: count)
  }

  func bytes(_ part: ELFPart, at offset: UInt64, count: UInt64) throws(ELFError) -> [UInt8] {
    try handle.withChunk(part, at: offset, size: count, as: ELF_T_BYTE) { bytes in
      unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
  }
}
