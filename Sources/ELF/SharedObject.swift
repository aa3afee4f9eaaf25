// SPDX-License-Identifier: Apache-2.0

/// The headers, symbols and build identifier of a shared object, copied out of its image.
///
/// A value: it outlives the image and may be used from any thread.
public struct SharedObject: Sendable {
  public let header: ELFHeader
  public let programHeaders: [ProgramHeader]
  public let symbols: DynamicSymbols
  /// The build identifier; nil if the image has none or its notes are damaged, which affects nothing else.
  public let buildID: [UInt8]?
  /// The size of the image in bytes.
  public let byteCount: UInt64

  /// Copies them out of an image. Throws if it has no dynamic symbols, or is damaged.
  public init(_ image: borrowing ELFImage) throws(ELFError) {
    header = image.header
    programHeaders = try image.programHeaders()
    symbols = try image.dynamicSymbols()
    buildID = (try? image.buildID()) ?? nil
    byteCount = image.byteCount
  }

  /// Reads the image in the regular file at a path.
  public init(path: String) throws(ELFError) {
    try self.init(path: Array(path.utf8))
  }

  /// The same for a path of bytes, which need not be UTF-8, without a null.
  public init(path: [UInt8]) throws(ELFError) {
    try self.init(ELFImage(path: path))
  }

  /// Reads an image that lies in `memory` as it was mapped, segments at their addresses: in another process, or a core.
  public init(memory: [UInt8]) throws(ELFError) {
    try self.init(ELFImage(bytes: memory, layout: .memory))
  }

  /// The program headers of an image, from its first bytes in `memory`. They give its extent.
  public static func programHeaders(memory: [UInt8]) throws(ELFError) -> [ProgramHeader] {
    try ELFImage(bytes: memory, layout: .memory).programHeaders()
  }

  /// The address of the image's first byte as linked. The difference between a mapping's address and it is the load bias.
  public var baseAddress: UInt64 {
    // The difference wraps for images that are linked in the upper half.
    programHeaders.first { $0.type == .load }.map { $0.virtualAddress &- $0.fileOffset } ?? 0
  }

  /// The extent in memory of a vDSO's segments and section headers, from the first byte: the kernel maps the whole file.
  package var vdsoExtent: UInt64? {
    let table = header.sectionHeaderOffset.addingReportingOverflow(
      UInt64(header.sectionHeaderEntrySize) * UInt64(header.sectionHeaderCount))
    guard let segments = Self.extent(of: programHeaders), !table.overflow else { return nil }
    return max(segments, table.partialValue)
  }

  /// The extent of the image's bytes in memory, from the first one; nil if the sum overflows. A segment may state a larger size.
  public static func extent(of programHeaders: [ProgramHeader]) -> UInt64? {
    guard let first = programHeaders.first(where: { $0.type == .load }) else { return 0 }
    let base = first.virtualAddress &- first.fileOffset
    var end: UInt64 = 0
    for segment in programHeaders where segment.type == .load {
      let (last, overflow) = (segment.virtualAddress &- base).addingReportingOverflow(segment.fileSize)
      guard !overflow else { return nil }
      end = max(end, last)
    }
    return end
  }
}
