// SPDX-License-Identifier: Apache-2.0

// Clocks that the time page serves.

import CVDSO
import Guest

/// A point on a clock's time line: seconds, and nanoseconds below 1,000,000,000.
struct Instant {
  var seconds: Int64
  var nanoseconds: UInt32

  @inline(__always)
  var timespec: guest_timespec64_t {
    guest_timespec64_t(seconds: seconds, nanoseconds: Int64(nanoseconds))
  }
}

/// The fast path: the reading of clock `id`, or nil if the page can't serve it in one attempt and without carrying.
@inline(__always)
func fastPathInstant(_ id: Int32) -> Instant? {
  let index = UInt32(bitPattern: id)
  guard index < UInt32(VDSO_CLOCK_COUNT) else { return nil }
  let sequence = latchBegin()
  let clock = unsafe guest_clock(guest_time_data(sequence), index)!
  let source = unsafe vdso_clock_source(clock)
  let nanoseconds: UInt32
  if _fastPath(source > UInt32(VDSO_SOURCE_PUBLISHED)) {
    guard unsafe guest_has_short_factor(clock) != 0 else { return nil }
    let counter = guest_counter(source)
    guard unsafe guest_is_in_window(counter, clock) != 0 else { return nil }
    nanoseconds = unsafe guest_window_nanoseconds(counter, clock)
  } else {
    guard source == UInt32(VDSO_SOURCE_PUBLISHED), guest_timekeeper_died() == 0 else { return nil }
    nanoseconds = unsafe guest_high_word(vdso_clock_phase(clock))
    guard nanoseconds < 1_000_000_000 else { return nil }
  }
  let seconds = unsafe vdso_clock_seconds(clock)
  guard latchHolds(sequence) else { return nil }
  return Instant(seconds: seconds, nanoseconds: nanoseconds)
}

/// The reading of clock `index` from the page; nil if the page can't serve it, is too old, or changes during each of VDSO_MAX_ATTEMPTS
/// attempts.
@inline(__always)
func pageInstant(_ index: UInt32) -> Instant? {
  var attempts = VDSO_MAX_ATTEMPTS
  repeat {
    let sequence = latchBegin()
    let clock = unsafe guest_clock(guest_time_data(sequence), index)!
    let source = unsafe vdso_clock_source(clock)
    var instant = unsafe Instant(seconds: vdso_clock_seconds(clock), nanoseconds: 0)
    var isWithinLimit = true
    if source > UInt32(VDSO_SOURCE_PUBLISHED) {
      let counter = guest_counter(source)
      // If the base is ahead of the counter, it may have been published after the counter was read, which the sequence shows.
      isWithinLimit = unsafe guest_cycles(counter) &- vdso_clock_base(clock) <= vdso_clock_limit(clock)
      instant.nanoseconds = unsafe guest_nanoseconds(counter, vdso_clock_mult(clock), vdso_clock_phase(clock))
    } else {
      guard source == UInt32(VDSO_SOURCE_PUBLISHED), guest_timekeeper_died() == 0 else { return nil }
      instant.nanoseconds = unsafe guest_high_word(vdso_clock_phase(clock))
    }
    // The loop runs at most four times, which is cheaper than a division.
    while instant.nanoseconds >= 1_000_000_000 {
      instant.nanoseconds = guest_opaque(instant.nanoseconds &- 1_000_000_000)
      instant.seconds &+= 1
    }
    if latchHolds(sequence) { return isWithinLimit ? instant : nil }
    attempts &-= 1
  } while attempts != 0
  return nil
}
