// SPDX-License-Identifier: Apache-2.0

// The kernel's own results, for comparison.
//
// Assumes: the trap function writes no more than the structure that the system call is documented to fill.

internal import CSystemCalls

extension VDSO {
  /// The structure that a system call on a clock fills in, or nil if it fails.
  func kernel(_ number: Int, _ clock: ClockID) -> linux_timespec? {
    var time = linux_timespec()
    let result = unsafe withUnsafeMutablePointer(to: &time) { pointer in
      trap(number, Int(clock.rawValue), Int(bitPattern: pointer), 0, 0, 0, 0)
    }
    return result == 0 ? time : nil
  }

  func kernelProcessor() -> UInt32 {
    var cpu: UInt32 = 0
    _ = unsafe withUnsafeMutablePointer(to: &cpu) { pointer in
      trap(linux_nr_getcpu, Int(bitPattern: pointer), 0, 0, 0, 0, 0)
    }
    return cpu
  }
}
