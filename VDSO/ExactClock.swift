// Clocks as the host tells them, by its own function or by a trap, seen through the clock's map: the fallback of every
// mode, and all there is in host mode.

import CVDSO
import Guest

/// Reads clock `id` of the host into `time` and returns 0, or a negated error number.
///
/// The host is asked between the two looks at the latch, so that no reading goes through a map already replaced. There is no
/// answer to give up with, for an unmapped time would be another date; nor need there be: a writer that died leaves the
/// latch at rest.
@inline(__always)
func exactTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  while true {
    let sequence = latchBegin()
    let data = unsafe guest_time_data(sequence)!
    let status = unsafe hostTime(id, time, vdso_time_data_traps(data))
    guard status == 0, index < UInt32(VDSO_CLOCK_COUNT) else { return status }
    let map = unsafe guest_clock_map(data, index)!
    let rate = unsafe vdso_clock_map_rate(map)
    guard rate != 0 else { return 0 }
    let instant = unsafe mapped(time.pointee, map, rate)
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
    return unsafe Int32(truncatingIfNeeded: guest_host_clock_gettime(id, time))
  }
  return Int32(truncatingIfNeeded: guest_trap(GUEST_NR_CLOCK_GETTIME, Int(id), Int(bitPattern: time), 0))
}

/// Where the clock's map takes `host`: anchor_to + (host - anchor_from) * rate / 2^32.
@inline(__always)
private func mapped(_ host: guest_timespec64_t, _ map: UnsafePointer<vdso_clock_map_t>, _ rate: UInt64) -> Instant {
  let now = host.seconds &* 1_000_000_000 &+ host.nanoseconds
  var distance = unsafe UInt64(bitPattern: now &- vdso_clock_map_anchor_from(map))
  if Int64(bitPattern: distance) < 0 {
    distance = 0
  }
  // The rate of an offset, 1, leaves it as it is: three products less to wait for.
  if !_fastPath(rate == 1 << 32) {
    distance = scaledByRate(distance, rate)
  }
  let result = unsafe UInt64(bitPattern: vdso_clock_map_anchor_to(map)) &+ distance
  let seconds = guest_seconds(result)
  return Instant(
    seconds: Int64(bitPattern: seconds),
    nanoseconds: guest_word32(Int64(bitPattern: result &- seconds &* 1_000_000_000)))
}

/// `distance` * `rate` / 2^32, of which 64 bits are kept, in products of 32-bit halves.
@inline(__always)
private func scaledByRate(_ distance: UInt64, _ rate: UInt64) -> UInt64 {
  let low = distance & 0xffff_ffff
  let part = rate & 0xffff_ffff
  return (low &* part) &>> 32 &+ (distance &>> 32) &* part &+ distance &* (rate &>> 32)
}
