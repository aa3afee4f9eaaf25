// SPDX-License-Identifier: Apache-2.0

/// The headers of an ELF file, copied out of its image: enough to plan its mapping.
///
/// A value: it outlives the image and may be used from any thread.
public struct FileHeaders: Sendable {
  public let header: ELFHeader
  public let programHeaders: [ProgramHeader]

  /// Reads the regular file behind a descriptor, which stays the caller's.
  public init(fileDescriptor: Int32) throws(ELFError) {
    let image = try ELFImage(fileDescriptor: fileDescriptor)
    header = image.header
    programHeaders = try image.programHeaders()
  }

  /// Takes the bytes of a file.
  public init(bytes: [UInt8]) throws(ELFError) {
    let image = try ELFImage(bytes: bytes)
    header = image.header
    programHeaders = try image.programHeaders()
  }

  /// Reads the start of an ELF image in the regular file at a path. Returns the file's size, and at most `limit` of its first bytes.
  public static func start(ofFile path: [UInt8], limit: UInt64) throws(ELFError) -> (size: UInt64, bytes: [UInt8]) {
    let image = try ELFImage(path: path)
    return (image.byteCount, try image.bytes(at: 0, count: min(image.byteCount, limit)))
  }
}
