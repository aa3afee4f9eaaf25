// SPDX-License-Identifier: Apache-2.0

internal import CElf

extension ELFImage {
  /// The notes of every note segment, in the program header table's order; found without section headers.
  ///
  /// Throws `.badNote` if a note reaches past its segment, and `.outsideImage` if a segment is not in the file.
  /// The corresponding C constant is `PT_NOTE`.
  public func notes() throws(ELFError) -> [Note] {
    var notes: [Note] = []
    let segments = try SegmentMap(self)
    for segment in segments.headers where segment.type == .note && segment.fileSize > 0 {
      let offset = segments.offset(of: segment)
      let type = segment.alignment == 8 ? ELF_T_NHDR8 : ELF_T_NHDR
      notes += try handle.notes(at: offset, size: segment.fileSize, as: type)
    }
    return notes
  }

  /// The build identifier, or nil if the image has none. The corresponding C constant is `NT_GNU_BUILD_ID`.
  ///
  /// Throws what `notes()` throws.
  public func buildID() throws(ELFError) -> [UInt8]? {
    try notes().first { $0.type == 3 && $0.name == "GNU" }?.descriptor
  }

  /// The notes of an image, from its bytes as they lie in memory. Modules of Embedded Swift use this, because they can't own an `ELFImage`
  /// of another module.
  public static func notes(ofImageInMemory bytes: [UInt8]) throws(ELFError) -> [Note] {
    try ELFImage(bytes: bytes, layout: .memory).notes()
  }
}
