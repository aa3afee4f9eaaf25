// SPDX-License-Identifier: Apache-2.0

/// What a shared object says of itself, copied out of its image: headers, symbols and build identifier.
///
/// A value: it outlives the image and may be used from any thread.
public struct SharedObject: Sendable {
  public let header: ELFHeader
  public let programHeaders: [ProgramHeader]
  public let symbols: DynamicSymbols
  /// The build identifier, or nil if the image has none or its notes are damaged: nothing else depends on them.
  public let buildID: [UInt8]?
  /// The size of the image in bytes.
  public let byteCount: UInt64

  /// Takes what an image says; throws for one without dynamic symbols, or a damaged one.
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

  /// The program headers of an image of which `memory` holds the beginning, to find out its extent.
  public static func programHeaders(memory: [UInt8]) throws(ELFError) -> [ProgramHeader] {
    try ELFImage(bytes: memory, layout: .memory).programHeaders()
  }

  /// The address of the image's first byte as linked: what a mapping's address is compared with to get the load bias.
  public var baseAddress: UInt64 {
    // Wraps for images that are linked in the upper half.
    programHeaders.first { $0.type == .load }.map { $0.virtualAddress &- $0.fileOffset } ?? 0
  }

  /// How far segments and section headers of a vDSO reach in memory from the first byte: the kernel maps the whole file.
  package var vdsoExtent: UInt64? {
    let table = header.sectionHeaderOffset.addingReportingOverflow(
      UInt64(header.sectionHeaderEntrySize) * UInt64(header.sectionHeaderCount))
    guard let segments = Self.extent(of: programHeaders), !table.overflow else { return nil }
    return max(segments, table.partialValue)
  }

  /// How far the image's bytes reach in memory from the first one, or nil where the sum overflows. A segment may claim more.
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
