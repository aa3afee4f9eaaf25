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
}
