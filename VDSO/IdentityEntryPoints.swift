// SPDX-License-Identifier: Apache-2.0

// The entry points for the ids of the task. Each returns a word of the identity page if the page declares the word valid, and traps
// otherwise, as it always does after fork, which zeroes the page.

import CVDSO
import Guest

@c(vdso_getpid)
public func getpid() -> Int32 { identity(0, GUEST_NR_GETPID) }

@c(vdso_getppid)
public func getppid() -> Int32 { identity(1, GUEST_NR_GETPPID) }

@c(vdso_getuid)
public func getuid() -> Int32 { identity(2, GUEST_NR_GETUID) }

@c(vdso_geteuid)
public func geteuid() -> Int32 { identity(3, GUEST_NR_GETEUID) }

@c(vdso_getgid)
public func getgid() -> Int32 { identity(4, GUEST_NR_GETGID) }

@c(vdso_getegid)
public func getegid() -> Int32 { identity(5, GUEST_NR_GETEGID) }

/// Word `index` of the identity page if it is valid, else the result of system call `number`. Six entry points share this body, because a
/// page is small.
@inline(never)
private func identity(_ index: UInt32, _ number: Int) -> Int32 {
  if guest_identity_is_valid(index) != 0 {
    return Int32(bitPattern: guest_identity_word(index))
  }
  return Int32(truncatingIfNeeded: guest_trap(number, 0, 0, 0))
}
