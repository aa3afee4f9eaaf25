// SPDX-License-Identifier: Apache-2.0

/// The headers of an ELF file, copied out of its image: all that is needed to plan its mapping.
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

  /// The size of the regular file at a path that holds an ELF image, and at most `limit` bytes from its start.
  public static func start(ofFile path: [UInt8], limit: UInt64) throws(ELFError) -> (size: UInt64, bytes: [UInt8]) {
    let image = try ELFImage(path: path)
    return (image.byteCount, try image.bytes(at: 0, count: min(image.byteCount, limit)))
  }
}
