// SPDX-License-Identifier: Apache-2.0

// Clocks of the host, read by its own function or by a trap, with the clock's map applied. This is the fallback of every mode, and the only
// way in host mode.

import CVDSO
import Guest

/// Reads clock `id` of the host into `time` and returns 0, or a negated error number.
///
/// The host is asked between the two reads of the latch, so that a map that has already been replaced is never applied. There is no limit
/// on the number of retries: a time without the map would be another date. The loop ends nevertheless, because a writer that died leaves
/// the latch at rest.
#if arch(i386)
  @inline(__always)
#else
  @inline(never)
#endif
func fallbackTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  // Such a clock has no map, for example a process's clock. Most kernels' own function traps for it too.
  guard index < UInt32(VDSO_CLOCK_COUNT) else {
    return Int32(truncatingIfNeeded: guest_trap(GUEST_NR_CLOCK_GETTIME, Int(id), Int(bitPattern: time), 0))
  }
  while true {
    let sequence = latchBegin()
    let data = unsafe guest_time_data(sequence)!
    let asked = unsafe id &- Int32(bitPattern: vdso_clock_map_below(guest_clock_map(data, index)))
    let status = unsafe hostTime(asked, time, vdso_time_data_traps(data))
    guard status == 0 else { return status }
    // The address is computed again: keeping it over the call would take a saved register.
    let map = unsafe guest_clock_map(guest_time_data(guest_opaque(sequence)), guest_opaque(index))!
    let kind = unsafe vdso_clock_map_kind(map)
    guard kind != UInt32(VDSO_MAP_IDENTITY) else { return 0 }
    let host = unsafe time.pointee
    let instant = unsafe kind == UInt32(VDSO_MAP_OFFSET) ? applyOffset(host, map) : applyAffine(host, map)
    if latchHolds(sequence) {
      unsafe time.pointee = instant.timespec
      return 0
    }
  }
}

/// The host's own clock: one call if the host has a function that may be used, else one trap.
@inline(__always)
private func hostTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>, _ traps: UInt32) -> Int32 {
  if guest_host_has_clock_gettime() != 0 && traps == 0 {
    return unsafe guest_host_clock_gettime(id, time)
  }
  return Int32(truncatingIfNeeded: guest_trap(GUEST_NR_CLOCK_GETTIME, Int(id), Int(bitPattern: time), 0))
}

/// `host` plus an offset.
@inline(__always)
private func applyOffset(_ host: guest_timespec64_t, _ offset: UnsafePointer<vdso_clock_map_t>) -> Instant {
  var instant = unsafe Instant(
    seconds: host.seconds &+ vdso_clock_map_to(offset),
    nanoseconds: guest_word32(host.nanoseconds) &+ guest_word32(vdso_clock_map_from(offset)))
  if instant.nanoseconds >= 1_000_000_000 {
    instant.nanoseconds = guest_opaque(instant.nanoseconds &- 1_000_000_000)
    instant.seconds &+= 1
  }
  return instant
}

/// The value of the map `line` at `host`.
@inline(__always)
private func applyAffine(_ host: guest_timespec64_t, _ line: UnsafePointer<vdso_clock_map_t>) -> Instant {
  // The host's seconds are known long before its nanoseconds, so the product begins with them.
  let start = unsafe host.seconds &* 1_000_000_000 &- vdso_clock_map_from(line)
  var distance = start &+ Int64(guest_word32(host.nanoseconds))
  if distance < 0 {
    distance = Int64(guest_opaque(0))
  }
  let scaled = unsafe guest_scaled(UInt64(bitPattern: distance), vdso_clock_map_rate(line))
  let result = unsafe UInt64(bitPattern: vdso_clock_map_to(line)) &+ scaled
  let seconds = guest_seconds(result)
  return Instant(
    seconds: Int64(bitPattern: seconds),
    nanoseconds: guest_word32(Int64(bitPattern: result &- seconds &* 1_000_000_000)))
}
