// SPDX-License-Identifier: Apache-2.0

/// The memory that a core file keeps of a process, of any class and byte order, with its notes.
///
/// Owns the open file and reads from it on demand: a core may be larger than memory. Use it from one thread at a time.
/// A class, so that code compiled as Embedded Swift can own one across modules.
public final class CoreMemory {
  public let header: ELFHeader
  public let notes: [Note]
  private let image: ELFImage
  /// The loadable segments by rising address.
  private let segments: [ProgramHeader]

  /// Opens a core file, or any ELF file that has its shape: program headers and notes are read, `e_type` is not.
  public convenience init(path: String) throws(ELFError) {
    try self.init(path: Array(path.utf8))
  }

  /// The same for a path of bytes, which need not be UTF-8, without a null.
  public convenience init(path: [UInt8]) throws(ELFError) {
    try self.init(ELFImage(path: path))
  }

  /// Takes the bytes of a core file. Throws as `init(path:)`.
  public convenience init(bytes: [UInt8]) throws(ELFError) {
    try self.init(ELFImage(bytes: bytes))
  }

  private init(_ image: consuming ELFImage) throws(ELFError) {
    header = image.header
    notes = try image.notes()
    segments = try image.programHeaders().filter { $0.type == .load && $0.fileSize > 0 }
      .sorted { $0.virtualAddress < $1.virtualAddress }
    self.image = image
  }

  /// At most `count` bytes from `address`: fewer if the core file has no more of them, none if it has no byte there.
  public func bytes(at address: UInt64, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let (next, overflow) = address.addingReportingOverflow(UInt64(bytes.count))
      guard !overflow, let piece = piece(at: next, count: UInt64(count - bytes.count)) else { break }
      bytes += piece
    }
    return bytes
  }

  /// Bytes of one segment, at least one, or nil if no segment holds the address.
  private func piece(at address: UInt64, count: UInt64) -> [UInt8]? {
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = low + (high - low) / 2
      if segments[middle].virtualAddress <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let segment = segments[low - 1]
    let skipped = address - segment.virtualAddress
    let (offset, overflow) = segment.fileOffset.addingReportingOverflow(skipped)
    guard skipped < segment.fileSize, !overflow, offset < image.byteCount else { return nil }
    return try? image.bytes(at: offset, count: min(count, segment.fileSize - skipped, image.byteCount - offset))
  }
}
