// SPDX-License-Identifier: Apache-2.0

/// Zeroed memory that threads share, aligned like a page.
@safe final class SharedMemory: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    unsafe start = .allocate(byteCount: byteCount, alignment: 4096)
    unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    self.byteCount = byteCount
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(byteCount: bytes.count)
    unsafe start.copyMemory(from: bytes, byteCount: bytes.count)
  }

  var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: start, count: byteCount)) }

  deinit {
    unsafe start.deallocate()
  }
}
