// SPDX-License-Identifier: Apache-2.0

// Finds instructions in memory that may hold anything.
//
// Assumes: `linux_read_memory` reads only memory of this process that can be read, and raises no signal.

import CLinux

extension ExecTransition {
  /// The address in `ranges`, which are executable, of a system call instruction and a return.
  static func gadget(in ranges: [Range<UInt64>], _ wordSize: InitialStack.WordSize) -> UInt64? {
    let (instructions, alignment) = NativeABI.callAndReturn(wordSize)
    for range in ranges {
      let bytes = read(range)
      for offset in stride(from: 0, to: bytes.count - instructions.count + 1, by: alignment)
      where bytes[offset..<offset + instructions.count].elementsEqual(instructions) {
        return range.lowerBound + UInt64(offset)
      }
    }
    return nil
  }

  /// The readable bytes from the range's start on. Pages past the end of a file can't be read.
  private static func read(_ range: Range<UInt64>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      let count = unsafe linux_read_memory(linux_getpid(), range.lowerBound, buffer.baseAddress, range.count)
      initialized = max(0, Int(count))
    }
  }
}
