// SPDX-License-Identifier: Apache-2.0

// A clock's reading, from the page if it can serve it, else from the host: 0, or a negated error number.

import CVDSO
import Guest

/// Reads clock `id` into `time`: by the fast path, and if that returns nil, by the others.
@inline(__always)
func readTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  if let instant = fastPathInstant(id) {
    unsafe time.pointee = instant.timespec
    return 0
  }
  #if arch(i386)
    return unsafe guest_slow_path_time(id, time)
  #elseif arch(riscv64)
    // RISC-V's page has no space for the shorter way.
    return unsafe anyTime(id, time)
  #else
    return unsafe slowPathTime(id, time)
  #endif
}

#if !arch(i386) && !arch(riscv64)
  /// The same if the fast path returns nil; i386 has it in entry.S.
  ///
  /// A host time that no map changes is returned by a tail call of the host's function, so that this function has no frame for unwinders to
  /// pass.
  @inline(never)
  private func slowPathTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
    let index = UInt32(bitPattern: id)
    guard index < UInt32(VDSO_CLOCK_COUNT) else { return unsafe fallbackTime(id, time) }
    let data = unsafe guest_time_data(guest_sequence())
    // This shortcut avoids the general way, which would give the same result.
    guard unsafe vdso_clock_source(guest_clock(data, index)) == UInt32(VDSO_SOURCE_HOST) else {
      return unsafe anyTime(id, time)
    }
    if unsafe vdso_clock_map_kind(guest_clock_map(data, index)) == UInt32(VDSO_MAP_IDENTITY)
      && guest_host_has_clock_gettime() != 0
    {
      return unsafe guest_host_clock_gettime(id, time)
    }
    return unsafe fallbackTime(id, time)
  }
#endif

/// Reads clock `id` into `time` in every case.
@c(vdso_any_time)
@inline(never)
public func anyTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  if index < UInt32(VDSO_CLOCK_COUNT), let instant = pageInstant(index) {
    unsafe time.pointee = instant.timespec
    return 0
  }
  return unsafe fallbackTime(id, time)
}
