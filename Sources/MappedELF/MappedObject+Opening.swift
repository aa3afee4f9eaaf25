// SPDX-License-Identifier: Apache-2.0

// Mapped objects by address.
//
// Assumes: the caller knows the mapping and its extent, as `ELFImage(mappedAt:byteCount:)` does. A StaticString with
// `utf8Start` lives as long as the program.

extension MappedObject {
  /// The object of which `byteCount` bytes from `address` are mapped, and stay readable while the value is used.
  ///
  /// Throws for an image of another class or byte order, one without a loadable segment, dynamic table, symbols or
  /// strings, and for tables that lie outside.
  @unsafe public init(mappedAt address: UInt, byteCount: UInt) throws(ELFError) {
    try unsafe self.init(MappedBytes(address: address, count: byteCount))
  }

  /// What the image whose first `byteCount` bytes are readable at `address` is for, whatever its class and byte order.
  @unsafe public static func kind(mappedAt address: UInt, byteCount: UInt) throws(ELFError) -> ImageKind {
    try unsafe kind(of: MappedBytes(address: address, count: byteCount))
  }

  /// How far the segments of an image of this program's class reach from its first byte, or nil if that overflows.
  ///
  /// `byteCount` bytes from `address` must be readable, and hold the program headers.
  @unsafe public static func extent(mappedAt address: UInt, byteCount: UInt) throws(ELFError) -> UInt? {
    try unsafe extent(MappedBytes(address: address, count: byteCount))
  }
}
