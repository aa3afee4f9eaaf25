// SPDX-License-Identifier: Apache-2.0

// Descriptors and copies of bytes that an image owns.
//
// Assumes: no other code closes a descriptor that the kernel returned here.

internal import CLinux
import MappedELF

/// An open file descriptor, closed with its owner.
struct OwnedFile: ~Copyable {
  let descriptor: Int32

  init(path: [UInt8]) throws(ELFError) {
    // SAFETY: the path is null-terminated for the length of the call.
    let result = unsafe (path + [0]).withUnsafeBufferPointer { name in
      unsafe name.withMemoryRebound(to: CChar.self) { unsafe linux_open_for_reading($0.baseAddress!) }
    }
    guard result >= 0 else { throw .file(.open, errno: Errno(result: result)) }
    descriptor = result
  }

  init(duplicating other: Int32) throws(ELFError) {
    let result = linux_duplicate(other)
    guard result >= 0 else { throw .file(.duplicate, errno: Errno(result: result)) }
    descriptor = result
  }

  deinit {
    linux_close(descriptor)
  }

  borrowing func byteCount() throws(ELFError) -> UInt64 {
    let size = linux_regular_file_size(descriptor)
    guard size >= 0 else { throw .file(.status, errno: Errno(result: size)) }
    return UInt64(size)
  }
}

/// A copy of bytes in memory aligned for every ELF structure.
@safe struct OwnedBytes: ~Copyable {
  private let bytes: UnsafeMutableRawBufferPointer

  init(copying source: [UInt8]) {
    unsafe bytes = .allocate(byteCount: source.count, alignment: 16)
    unsafe bytes.copyBytes(from: source)
  }

  deinit {
    unsafe bytes.deallocate()
  }

  /// The copy, valid while its owner lives.
  @unsafe var pointer: UnsafeMutableRawBufferPointer { unsafe bytes }
}
