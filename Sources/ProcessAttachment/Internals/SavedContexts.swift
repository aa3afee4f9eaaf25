// SPDX-License-Identifier: Apache-2.0

// The signal frames on threads' stacks.
//
// Assumes: the buffer is of the size stated.

import CLinux
import ELF

/// The positions at which threads that are in a signal handler will continue.
enum SavedContexts {
  private static let capacity = 16

  /// The contexts above a stack pointer with a program counter in `range`, of a process of that width.
  static func above(_ stackPointer: UInt64, in range: Range<UInt64>, of process: Int32, _ width: ELFClass)
    -> [linux_saved_context]
  {
    unsafe [linux_saved_context](unsafeUninitializedCapacity: capacity) { buffer, count in
      unsafe count = linux_saved_contexts(
        process, width == .bits32, stackPointer, range.lowerBound, range.upperBound, buffer.baseAddress, capacity)
    }
  }
}
