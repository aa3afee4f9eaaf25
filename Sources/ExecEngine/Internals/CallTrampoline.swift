// SPDX-License-Identifier: Apache-2.0

// The code that works through lists of calls, and the end of such a list.
//
// Assumes: the code has the stated size, and the end of a list fits into a buffer of its stated capacity.

import CLinux
import ELF

/// The code with which a task works through a list of calls by itself.
enum CallTrampoline {
  /// The code, whole 8-byte words, which runs at any address.
  static func bytes(_ width: ELFClass) -> [UInt8] {
    let is32Bit = width == .bits32
    return unsafe [UInt8](
      UnsafeRawBufferPointer(start: linux_injected_calls_code(is32Bit), count: linux_injected_calls_code_size(is32Bit)))
  }

  /// The end of a list, at `address`: it gives the task these registers, a result of 0, and this signal mask.
  static func end(_ registers: linux_registers, mask: UInt64, at address: UInt64) -> [UInt8] {
    let capacity = Int(LINUX_RESUME_CAPACITY)
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      unsafe withUnsafePointer(to: registers) {
        unsafe count = linux_write_resume($0, mask, address, buffer.baseAddress)
      }
    }
  }
}
