// SPDX-License-Identifier: Apache-2.0

@_exported public import MappedELF

/// An ELF image: a file, bytes, or an image that is mapped in this process. Any class, byte order and machine.
///
/// Owns its source. Use it from one thread at a time: it can be neither copied nor sent to another thread. It returns values that outlive
/// it. Hostile bytes give an `ELFError`, never a read outside the image. The corresponding C type is `Elf`.
public struct ELFImage: ~Copyable {
  /// How addresses lead to bytes.
  public enum Layout: Hashable, Sendable {
    /// Segments lie at their file offsets, as in a file.
    case file
    /// Segments lie at their addresses relative to the first one, as in memory.
    case memory
  }

  /// The file header.
  public let header: ELFHeader
  /// How addresses lead to bytes of this image.
  public let layout: Layout
  let handle: ElfHandle

  /// The size of the image in bytes.
  public var byteCount: UInt64 { handle.byteCount }

  /// Opens a regular file. The corresponding C functions are `open` and `elf_begin`.
  public init(path: String) throws(ELFError) {
    try self.init(path: Array(path.utf8))
  }

  /// The same for a path of bytes, which need not be UTF-8, without a null.
  public init(path: [UInt8]) throws(ELFError) {
    try self.init(handle: ElfHandle(file: OwnedFile(path: path)), layout: .file)
  }

  /// Opens the regular file behind a descriptor, which stays the caller's: the image keeps a duplicate.
  ///
  /// The corresponding C function is `elf_begin`.
  public init(fileDescriptor: Int32) throws(ELFError) {
    try self.init(handle: ElfHandle(file: OwnedFile(duplicating: fileDescriptor)), layout: .file)
  }

  /// Opens a copy of bytes: those of a file, or with `layout: .memory` those read from a process.
  ///
  /// The corresponding C function is `elf_memory`.
  public init(bytes: [UInt8], layout: Layout = .file) throws(ELFError) {
    try self.init(handle: ElfHandle(copying: bytes), layout: layout)
  }

  init(handle: consuming ElfHandle, layout: Layout) throws(ELFError) {
    header = try ELFHeader(handle.header())
    self.layout = layout
    self.handle = handle
  }
}
