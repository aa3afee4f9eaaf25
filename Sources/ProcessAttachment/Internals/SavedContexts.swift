// SPDX-License-Identifier: Apache-2.0

// What threads have on their stacks.
//
// Assumes: the buffer is of the size stated.

import CLinux

/// Where threads of a process go on that are in a signal handler now.
enum SavedContexts {
  private static let capacity = 16

  /// The contexts above a stack pointer with a program counter in `range`.
  static func above(_ stackPointer: UInt64, in range: Range<UInt64>, of process: Int32) -> [linux_saved_context] {
    unsafe [linux_saved_context](unsafeUninitializedCapacity: capacity) { buffer, count in
      unsafe count = linux_saved_contexts(
        process, stackPointer, range.lowerBound, range.upperBound, buffer.baseAddress, capacity)
    }
  }
}
