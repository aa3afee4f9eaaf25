// SPDX-License-Identifier: Apache-2.0

// A clock's reading, from the page if it can serve it, else from the host: 0, or a negated error number.

import CVDSO
import Guest

/// Reads clock `id` into `time`: the fast path, and where it returns nil, the others.
@inline(__always)
func readTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  if let instant = fastPathInstant(id) {
    unsafe time.pointee = instant.timespec
    return 0
  }
  #if !arch(i386)
    // Past the general way, which would find the same. i386 has no space for it.
    if isExact(id) { return unsafe fallbackTime(id, time) }
  #endif
  return unsafe anyTime(id, time)
}

/// Reads clock `id` into `time` in every case.
@inline(never)
func anyTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  if index < UInt32(VDSO_CLOCK_COUNT), let instant = pageInstant(index) {
    unsafe time.pointee = instant.timespec
    return 0
  }
  return unsafe fallbackTime(id, time)
}
