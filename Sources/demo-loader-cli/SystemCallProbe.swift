// SPDX-License-Identifier: Apache-2.0

// Whether functions of this process's vDSO enter the kernel.
//
// Assumes: the addresses that the resolver returns are those of functions with Linux's signatures, in an image that stays mapped. Each
// function is called in a child process, with a buffer that is larger than its result.

import CLinux
import VDSOResolver

enum SystemCallProbe {
  /// Whether a call of the function at `address` makes a system call; nil if it takes more arguments than can be given here, or if the
  /// kernel has no system call filters.
  static func entersKernel(_ function: VDSOFunction, at address: UInt64, clock: Int32 = 0) -> Bool? {
    var buffer = (0, 0, 0, 0)
    let result: Int32 = unsafe withUnsafeMutablePointer(to: &buffer) { buffer in
      let place = Int(bitPattern: buffer)
      let code = unsafe UnsafeRawPointer(bitPattern: UInt(address))
      return switch function {
      case .clockGettime, .clockGetres: unsafe linux_makes_system_call(code, Int(clock), place, 0)
      case .gettimeofday, .getcpu: unsafe linux_makes_system_call(code, place, 0, 0)
      case .time: unsafe linux_makes_system_call(code, 0, 0, 0)
      // In a child process, our page has no ids until the kernel has been asked.
      case .getpid, .getppid, .getuid, .geteuid, .getgid, .getegid: -1
      case .clockGettime64, .clockGetres64, .getrandom: -1
      }
    }
    return result < 0 ? nil : result == 1
  }
}
