// SPDX-License-Identifier: Apache-2.0

// Looking for instructions in memory that may hold anything.
//
// Assumes: `linux_read_memory` reads what can be read of this process, and nothing else, without a signal.

import CLinux

extension ExecTransition {
  /// Where `ranges`, which are executable, hold the instructions of a system call and a return.
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

  /// What can be read from the range's start on: pages past the end of a file can't.
  private static func read(_ range: Range<UInt64>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      let count = unsafe linux_read_memory(linux_getpid(), range.lowerBound, buffer.baseAddress, range.count)
      initialized = max(0, Int(count))
    }
  }
}
