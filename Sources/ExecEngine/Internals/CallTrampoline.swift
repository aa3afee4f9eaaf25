// SPDX-License-Identifier: Apache-2.0

// The code that works through lists of calls, and what ends them.
//
// Assumes: the code is as long as is stated, and the end of a list fits the buffer that its capacity asks for.

import CLinux
import ELF

/// What a task needs to work through a list of calls by itself.
enum CallTrampoline {
  /// The code, whole 8-byte words, which runs at any address.
  static func bytes(_ width: ELFClass) -> [UInt8] {
    let is32Bit = width == .bits32
    return unsafe [UInt8](
      UnsafeRawBufferPointer(start: linux_injected_calls_code(is32Bit), count: linux_injected_calls_code_size(is32Bit)))
  }

  /// The end of a list, at `address`: after it the task has these registers, a result of 0, and that signal mask.
  static func end(_ registers: linux_registers, mask: UInt64, at address: UInt64) -> [UInt8] {
    let capacity = Int(LINUX_RESUME_CAPACITY)
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      unsafe withUnsafePointer(to: registers) {
        unsafe count = linux_write_resume($0, mask, address, buffer.baseAddress)
      }
    }
  }
}
