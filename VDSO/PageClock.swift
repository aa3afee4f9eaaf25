// Clocks as the time page alone gives them: the fast path.

import CVDSO
import Guest

let nanosecondsPerSecond: UInt64 = 1_000_000_000

/// A point on a clock's time line: seconds, and nanoseconds below 1,000,000,000.
struct Instant {
  var seconds: Int64
  var nanoseconds: UInt64
}

/// Reads clock `id` from the time page, or returns nil where the page can't tell it, or is too old, and the host has to.
@inline(__always)
func pageInstant(_ id: Int32) -> Instant? {
  let index = UInt32(bitPattern: id)
  guard index < UInt32(VDSO_CLOCK_COUNT) else { return nil }
  var attempts = VDSO_MAX_ATTEMPTS
  repeat {
    let sequence = latchBegin()
    let data = unsafe guest_time_data(sequence)!
    let clock = unsafe guest_clock(data, index)!
    let source = unsafe vdso_clock_source(clock)
    let reading: Instant?
    if source == UInt32(VDSO_CLOCK_COUNTER) {
      reading = unsafe counterInstant(data, clock)
    } else if source == UInt32(VDSO_CLOCK_PUBLISHED) {
      reading = unsafe publishedInstant(clock)
    } else {
      return nil
    }
    guard let instant = reading else { return nil }
    if latchHolds(sequence) { return instant }
    attempts &-= 1
  } while attempts != 0
  return nil
}

/// The counter's reading scaled by the clock's rate, or nil where the page is older than its limit.
///
/// A counter that is behind its base, as another core's can be by a little, counts as being at it.
@inline(__always)
private func counterInstant(
  _ data: UnsafePointer<vdso_time_data_t>, _ clock: UnsafePointer<vdso_clock_t>
) -> Instant? {
  let now = guest_counter(unsafe vdso_time_data_counter(data))
  var delta = unsafe now &- vdso_time_data_counter_base(data)
  if unsafe delta > vdso_time_data_counter_limit(data) {
    guard Int64(bitPattern: delta) < 0 else { return nil }
    delta = 0
  }
  let scaled = unsafe delta &* UInt64(vdso_clock_mult(clock)) &+ vdso_clock_fraction(clock)
  return unsafe normalized(vdso_clock_seconds(clock), guest_shift_right(scaled, vdso_time_data_shift(data)))
}

/// The clock as it was last published, or nil where its keeper has died and it would stand still.
@inline(__always)
private func publishedInstant(_ clock: UnsafePointer<vdso_clock_t>) -> Instant? {
  guard guest_keeper_died() == 0 else { return nil }
  return unsafe Instant(seconds: vdso_clock_seconds(clock), nanoseconds: vdso_clock_fraction(clock))
}

/// Carries whole seconds out of `nanoseconds`, of which there are few: no 32-bit architecture divides 64-bit numbers.
@inline(__always)
func normalized(_ seconds: Int64, _ nanoseconds: UInt64) -> Instant {
  var instant = Instant(seconds: seconds, nanoseconds: nanoseconds)
  while instant.nanoseconds >= nanosecondsPerSecond {
    instant.nanoseconds = guest_opaque(instant.nanoseconds &- nanosecondsPerSecond)
    instant.seconds &+= 1
  }
  return instant
}

/// Seconds of the coarse realtime clock where it is published, or nil.
///
/// One word, written at once: it needs no latch, and its low half on i386 is all that a caller gets there.
@inline(__always)
func publishedSeconds() -> Int? {
  let clock = unsafe guest_clock(guest_time_data(guest_sequence()), UInt32(realtimeCoarse))!
  guard unsafe vdso_clock_source(clock) == UInt32(VDSO_CLOCK_PUBLISHED) else { return nil }
  guard guest_keeper_died() == 0 else { return nil }
  return unsafe guest_clock_seconds_word(clock)
}
