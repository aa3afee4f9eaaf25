// Clocks as the time page alone gives them: the fast path.

import CVDSO
import Guest

/// A point on a clock's time line: seconds, and nanoseconds below 1,000,000,000.
struct Instant {
  var seconds: Int64
  var nanoseconds: UInt32
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
    let nanoseconds: UInt32
    if source == UInt32(VDSO_CLOCK_COUNTER) {
      guard let counter = unsafe usableCounter(data) else { return nil }
      nanoseconds = unsafe guest_nanoseconds(counter, vdso_clock_mult(clock), vdso_clock_phase(clock))
    } else {
      guard source == UInt32(VDSO_CLOCK_PUBLISHED), guest_keeper_died() == 0 else { return nil }
      nanoseconds = unsafe guest_high_word(vdso_clock_phase(clock))
    }
    let instant = unsafe normalized(vdso_clock_seconds(clock), nanoseconds)
    if latchHolds(sequence) { return instant }
    attempts &-= 1
  } while attempts != 0
  return nil
}

/// The counter, or nil where it is outside the page's range: the page is older than its limit, or the counter is behind
/// its base, as another core's can be where counters aren't synchronised.
@inline(__always)
private func usableCounter(_ data: UnsafePointer<vdso_time_data_t>) -> UInt64? {
  let counter = guest_counter(unsafe vdso_time_data_counter(data))
  let delta = unsafe counter &- vdso_time_data_counter_base(data)
  return unsafe delta > vdso_time_data_counter_limit(data) ? nil : counter
}

/// Carries whole seconds out of `nanoseconds`, at most four: cheaper than a division.
@inline(__always)
private func normalized(_ seconds: Int64, _ nanoseconds: UInt32) -> Instant {
  var instant = Instant(seconds: seconds, nanoseconds: nanoseconds)
  while instant.nanoseconds >= 1_000_000_000 {
    instant.nanoseconds = guest_opaque(instant.nanoseconds &- 1_000_000_000)
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
