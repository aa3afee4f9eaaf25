// SPDX-License-Identifier: Apache-2.0

// Images that the system mapped into this process, such as the vDSO.
//
// Assumes: the caller knows the mapping and its extent; nothing here can check that memory is readable.

extension ELFImage {
  /// Opens an image that is mapped in this process, without copying it.
  ///
  /// `byteCount` bytes from `address` must stay mapped and readable while the image lives, and should reach to the end
  /// of the last segment's page. The corresponding C function is `elf_memory`.
  @unsafe public init(mappedAt address: UnsafeRawPointer, byteCount: Int) throws(ELFError) {
    // SAFETY: libelf takes a mutable pointer, but writes only to images opened for writing.
    let start = unsafe UnsafeMutableRawPointer(mutating: address)
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    try unsafe self.init(handle: ElfHandle(mapping: bytes), layout: .memory)
  }
}

extension SharedObject {
  /// Reads an image that is mapped in this process: `byteCount` bytes from `address`, which must be readable meanwhile.
  @unsafe public init(mappedAt address: UnsafeRawPointer, byteCount: Int) throws(ELFError) {
    try unsafe self.init(ELFImage(mappedAt: address, byteCount: byteCount))
  }

  /// The program headers of an image of which `byteCount` bytes are mapped and readable, to find out its extent.
  @unsafe public static func programHeaders(
    mappedAt address: UnsafeRawPointer, byteCount: Int
  ) throws(ELFError) -> [ProgramHeader] {
    try unsafe ELFImage(mappedAt: address, byteCount: byteCount).programHeaders()
  }
}
