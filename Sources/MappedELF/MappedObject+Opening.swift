// SPDX-License-Identifier: Apache-2.0

// Mapped objects by address.
//
// Assumes: the caller knows the mapping and its extent, as `ELFImage(mappedAt:byteCount:)` does. A StaticString with
// `utf8Start` lives as long as the program.

extension MappedObject {
  /// The object of which `byteCount` bytes from `address` are mapped, and stay readable while the value is used.
  ///
  /// Throws if the image has another class or byte order, lacks a loadable segment, dynamic table, symbols or strings, or has tables that
  /// lie outside it.
  @unsafe public init(mappedAt address: UInt, byteCount: UInt) throws(ELFError) {
    try unsafe self.init(MappedBytes(address: address, count: byteCount))
  }

  /// The kind of the image whose first `byteCount` bytes are readable at `address`, for any class and byte order.
  @unsafe public static func kind(mappedAt address: UInt, byteCount: UInt) throws(ELFError) -> ImageKind {
    try unsafe kind(of: MappedBytes(address: address, count: byteCount))
  }

  /// The extent of an image's segments from its first byte, for an image of this program's class; nil if it overflows.
  ///
  /// `byteCount` bytes from `address` must be readable, and hold the program headers.
  @unsafe public static func extent(mappedAt address: UInt, byteCount: UInt) throws(ELFError) -> UInt? {
    try unsafe extent(MappedBytes(address: address, count: byteCount))
  }
}
