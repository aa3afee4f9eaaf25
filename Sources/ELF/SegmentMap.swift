// SPDX-License-Identifier: Apache-2.0

/// How the addresses of an image lead to its bytes, by its loadable segments.
struct SegmentMap {
  let headers: [ProgramHeader]
  let layout: ELFImage.Layout
  /// The address of the image's first byte. The offsets in a mapped image are counted from it.
  let baseAddress: UInt64

  init(_ image: borrowing ELFImage) throws(ELFError) {
    headers = try image.programHeaders()
    layout = image.layout
    // The difference wraps for images that are linked in the upper half, as some kernels' are.
    baseAddress = headers.first { $0.type == .load }.map { $0.virtualAddress &- $0.fileOffset } ?? 0
  }

  /// Where a segment's bytes start in the image.
  func offset(of segment: ProgramHeader) -> UInt64 {
    layout == .file ? segment.fileOffset : segment.virtualAddress &- baseAddress
  }

  /// Where `size` bytes from `address` start in the image, and how many follow them in the same segment.
  func range(
    _ part: ELFPart, at address: UInt64, size: UInt64
  ) throws(ELFError) -> (offset: UInt64, available: UInt64) {
    for segment in headers where segment.type == .load && address >= segment.virtualAddress {
      let skipped = address - segment.virtualAddress
      guard skipped <= segment.fileSize, size <= segment.fileSize - skipped else { continue }
      return (offset(of: segment) &+ skipped, segment.fileSize - skipped)
    }
    throw .outsideSegments(part, address: address, size: size)
  }
}
