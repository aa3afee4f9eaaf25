// SPDX-License-Identifier: Apache-2.0

// Clocks as the host returns them, by its own function or by a trap, seen through the clock's map: the fallback of every
// mode, and all there is in host mode.

import CVDSO
import Guest

/// Reads clock `id` of the host into `time` and returns 0, or a negated error number.
///
/// The host is asked between the two looks at the latch, so that no reading goes through a map already replaced. There is no
/// answer to give up with, for an unmapped time would be another date; nor need there be: a writer that died leaves the
/// latch at rest.
#if arch(i386)
  @inline(__always)
#else
  @inline(never)
#endif
func fallbackTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  // A clock without a map, of a process for one: most kernels' own function traps for it, too.
  guard index < UInt32(VDSO_CLOCK_COUNT) else {
    return Int32(truncatingIfNeeded: guest_trap(GUEST_NR_CLOCK_GETTIME, Int(id), Int(bitPattern: time), 0))
  }
  while true {
    let sequence = latchBegin()
    let data = unsafe guest_time_data(sequence)!
    let asked = unsafe id &- Int32(bitPattern: vdso_clock_map_below(guest_clock_map(data, index)))
    let status = unsafe hostTime(asked, time, vdso_time_data_traps(data))
    guard status == 0 else { return status }
    // Computed again: an address that is kept over the call is a register to save.
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

/// The host's own clock: one call where it has a function for it that may be used, else one trap.
@inline(__always)
private func hostTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>, _ traps: UInt32) -> Int32 {
  if guest_host_has_clock_gettime() != 0 && traps == 0 {
    return unsafe guest_host_clock_gettime(id, time)
  }
  return Int32(truncatingIfNeeded: guest_trap(GUEST_NR_CLOCK_GETTIME, Int(id), Int(bitPattern: time), 0))
}

/// `host` and an offset.
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

/// Where `line` takes `host`.
@inline(__always)
private func applyAffine(_ host: guest_timespec64_t, _ line: UnsafePointer<vdso_clock_map_t>) -> Instant {
  // The host knows its seconds long before its nanoseconds.
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
