// SPDX-License-Identifier: Apache-2.0

/// A note: bytes that a named owner attaches to an image. The corresponding C structures are `Elf32_Nhdr` and `Elf64_Nhdr`.
public struct Note: Hashable, Sendable {
  /// The owner, which defines `type`: "GNU", "CORE", "LINUX" and so on, without its null.
  public var name: String
  /// The kind of descriptor, as the owner numbers it. The corresponding C constants are `NT_*`.
  public var type: UInt32
  /// Where the descriptor starts in the image, in bytes.
  public var offset: UInt64
  /// The descriptor, in the image's byte order.
  public var descriptor: [UInt8]

  public init(name: String, type: UInt32, offset: UInt64, descriptor: [UInt8]) {
    self.name = name
    self.type = type
    self.offset = offset
    self.descriptor = descriptor
  }
}
