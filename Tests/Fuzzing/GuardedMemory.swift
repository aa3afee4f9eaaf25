// SPDX-License-Identifier: Apache-2.0

// Memory in front of an unreadable page: a read past an input's end stops the program, even in libraries that aren't instrumented.
//
// Assumes: one input at a time.

import Glibc

/// One mebibyte with a page behind it that can't be accessed.
struct GuardedMemory: @unchecked Sendable {
  static let shared = GuardedMemory()
  private static let size = 1 << 20

  private let start: UnsafeMutableRawPointer

  private init() {
    guard let start = mmap(nil, Self.size + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED,
      mprotect(start, Self.size, PROT_READ | PROT_WRITE) == 0
    else { fatalError("cannot map memory: error \(errno)") }
    self.start = start
  }

  /// A copy of `bytes` that ends less than 16 bytes before the unreadable page, aligned for every ELF structure. The next call
  /// overwrites it.
  func pointer(to bytes: [UInt8]) -> UnsafeRawPointer {
    precondition(bytes.count <= Self.size, "run with -max_len=1048576 or less")
    let place = start + ((Self.size - bytes.count) & ~15)
    place.copyMemory(from: bytes, byteCount: bytes.count)
    return UnsafeRawPointer(place)
  }
}
