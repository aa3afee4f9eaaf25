// Clocks as the time page tells them: the fast path.

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

/// Reads clock `id` into `time` and returns 0 or a negated error number.
@inline(__always)
func readTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  guard index < UInt32(VDSO_CLOCK_COUNT) else { return unsafe exactTime(id, time) }
  return unsafe pageTime(index + attemptLimit, time)
}

// The clock's number and the attempts left travel in one word: few registers are left to a reader that saves none.
private var attempt: UInt32 { 16 }
private var attemptLimit: UInt32 { attempt &* UInt32(VDSO_MAX_ATTEMPTS) }

/// Reads clock `state` modulo 16 from the page, or from the host where the page can't tell it, is too old, or changes at
/// each of the attempts left.
@inline(never)
private func pageTime(_ state: UInt32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let sequence = latchBegin()
  let index = state & 15
  let clock = unsafe guest_clock(guest_time_data(sequence), index)!
  let source = unsafe vdso_clock_source(clock)
  let nanoseconds: UInt32
  if source > UInt32(VDSO_CLOCK_PUBLISHED) {
    let counter = guest_counter(source)
    guard unsafe counter &- vdso_clock_base(clock) <= vdso_clock_limit(clock) else {
      return unsafe exactTime(index, time)
    }
    nanoseconds = unsafe guest_nanoseconds(counter, vdso_clock_mult(clock), vdso_clock_phase(clock))
  } else {
    guard source == UInt32(VDSO_CLOCK_PUBLISHED), guest_keeper_died() == 0 else { return unsafe exactTime(index, time) }
    nanoseconds = unsafe guest_high_word(vdso_clock_phase(clock))
  }
  let instant = unsafe normalized(vdso_clock_seconds(clock), nanoseconds)
  guard latchHolds(sequence) else { return unsafe retriedTime(state, time) }
  unsafe time.pointee = instant.timespec
  return 0
}

@inline(never)
private func retriedTime(_ state: UInt32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let left = state &- attempt
  return unsafe left < attempt ? exactTime(left, time) : pageTime(left, time)
}

@inline(__always)
private func exactTime(_ index: UInt32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  unsafe exactTime(Int32(bitPattern: index), time)
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
