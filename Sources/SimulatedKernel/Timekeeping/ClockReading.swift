// SPDX-License-Identifier: Apache-2.0

public import CVDSO

/// A page's reading of a clock, and its greatest difference from the host's clock.
public struct ClockReading: Hashable, Sendable {
  public var value: Timespec
  /// Nanoseconds in either direction.
  public var uncertainty: UInt64
}

extension vdso_time_data_t {
  /// The reading of clock `id` when the counter is at `counter`; nil if the page can't serve it by itself, because the clock is
  /// host-backed, the page is too old, or the counter is behind its base.
  ///
  /// A published clock is at most as old as its resolution.
  public func reading(of id: ClockID, atCounter counter: UInt64) -> ClockReading? {
    let clock = self[id]
    let error = UInt64(error_nanoseconds)
    switch Int(clock.source) {
    case Int(VDSO_SOURCE_HOST): return nil
    case Int(VDSO_SOURCE_PUBLISHED):
      let nanoseconds = Int64(UInt32(clock.phase >> 32))
      return ClockReading(
        value: Timespec(nanosecondsSinceEpoch: clock.seconds &* 1_000_000_000 &+ nanoseconds),
        uncertainty: error + UInt64(clock.resolution))
    default:
      let cycles = counter &- clock.base
      guard cycles <= clock.limit else { return nil }
      let age = UInt64(clamping: (UInt128(cycles) * UInt128(clock.mult)) >> 32)
      let nanoseconds = clock.seconds &* 1_000_000_000 &+ Int64(clock.nanoseconds(atCounter: counter))
      return ClockReading(
        value: Timespec(nanosecondsSinceEpoch: nanoseconds),
        uncertainty: error + age * UInt64(error_rate) / 1_000_000_000 + 1)
    }
  }
}
