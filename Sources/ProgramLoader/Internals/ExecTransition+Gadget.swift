// SPDX-License-Identifier: Apache-2.0

// Looking for instructions in memory that may hold anything.
//
// Assumes: `linux_read_memory` reads what can be read of this process, and nothing else, without a signal.

import CLinux

extension ExecTransition {
  /// Where `ranges`, which are executable, hold the instructions `syscall; ret`, or i386's `int $0x80; ret`.
  static func gadget(in ranges: [Range<UInt64>], _ wordSize: InitialStack.WordSize) -> UInt64? {
    let call: (UInt8, UInt8) = wordSize == .four ? (0xcd, 0x80) : (0x0f, 0x05)
    for range in ranges {
      let bytes = read(range)
      for offset in 0..<max(0, bytes.count - 2)
      where bytes[offset] == call.0 && bytes[offset + 1] == call.1 && bytes[offset + 2] == 0xc3 {
        return range.lowerBound + UInt64(offset)
      }
    }
    return nil
  }

  /// What can be read from the range's start on: pages past the end of a file can't.
  private static func read(_ range: Range<UInt64>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      let count = unsafe linux_read_memory(linux_getpid(), range.lowerBound, buffer.baseAddress, range.count)
      initialized = max(0, Int(count))
    }
  }
}
