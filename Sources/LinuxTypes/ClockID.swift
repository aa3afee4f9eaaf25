// SPDX-License-Identifier: Apache-2.0

// The clocks, from the table of vdso_clocks.h.
//
// Assumes: the names there are string literals.

public import CVDSO

/// A clock of the kernel.
///
/// An open set: process and device clocks have numbers below 0. The corresponding C type is `clockid_t`.
public struct ClockID: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int32

  @inlinable
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  @inlinable
  init(_ constant: Int) {
    rawValue = Int32(constant)
  }

  /// The date. The corresponding C constant is `CLOCK_REALTIME`.
  @inlinable public static var realtime: ClockID { ClockID(VDSO_CLOCK_REALTIME) }
  /// Time since an unspecified point, slewed, never set. The corresponding C constant is `CLOCK_MONOTONIC`.
  @inlinable public static var monotonic: ClockID { ClockID(VDSO_CLOCK_MONOTONIC) }
  /// Processor time of this process. The corresponding C constant is `CLOCK_PROCESS_CPUTIME_ID`.
  @inlinable public static var processCPUTime: ClockID { ClockID(VDSO_CLOCK_PROCESS_CPUTIME_ID) }
  /// Processor time of this thread. The corresponding C constant is `CLOCK_THREAD_CPUTIME_ID`.
  @inlinable public static var threadCPUTime: ClockID { ClockID(VDSO_CLOCK_THREAD_CPUTIME_ID) }
  /// Monotonic time, not slewed. The corresponding C constant is `CLOCK_MONOTONIC_RAW`.
  @inlinable public static var monotonicRaw: ClockID { ClockID(VDSO_CLOCK_MONOTONIC_RAW) }
  /// The date as of the last tick. The corresponding C constant is `CLOCK_REALTIME_COARSE`.
  @inlinable public static var realtimeCoarse: ClockID { ClockID(VDSO_CLOCK_REALTIME_COARSE) }
  /// Monotonic time as of the last tick. The corresponding C constant is `CLOCK_MONOTONIC_COARSE`.
  @inlinable public static var monotonicCoarse: ClockID { ClockID(VDSO_CLOCK_MONOTONIC_COARSE) }
  /// Monotonic time, suspension included. The corresponding C constant is `CLOCK_BOOTTIME`.
  @inlinable public static var boottime: ClockID { ClockID(VDSO_CLOCK_BOOTTIME) }
  /// The date, for timers that wake the machine. The corresponding C constant is `CLOCK_REALTIME_ALARM`.
  @inlinable public static var realtimeAlarm: ClockID { ClockID(VDSO_CLOCK_REALTIME_ALARM) }
  /// BOOTTIME, for timers that wake the machine. The corresponding C constant is `CLOCK_BOOTTIME_ALARM`.
  @inlinable public static var boottimeAlarm: ClockID { ClockID(VDSO_CLOCK_BOOTTIME_ALARM) }
  /// International atomic time. The corresponding C constant is `CLOCK_TAI`.
  @inlinable public static var tai: ClockID { ClockID(VDSO_CLOCK_TAI) }

  /// All clocks that have a name, in rising order.
  public static let all = (0..<Int32(VDSO_CLOCK_COUNT)).map { ClockID(rawValue: $0) }.filter { $0.name != nil }

  /// The clocks that a page can serve by itself; the others are host-backed in every mode.
  public static let paged = all.filter { $0.isFine || $0.isCoarse }

  /// The name of the C constant; nil if the number has no name.
  public var name: String? { unsafe vdso_clock_name(rawValue).map { unsafe String(cString: $0) } }

  /// Whether the clock has a date.
  public var isDate: Bool { vdso_clock_measure(rawValue) == VDSO_MEASURE_DATE }

  /// Whether the clock counts from an unspecified point and is never set.
  public var isMonotonic: Bool { vdso_clock_measure(rawValue) == VDSO_MEASURE_UPTIME }

  /// Whether the clock stands still between ticks.
  public var isCoarse: Bool { vdso_clock_reading(rawValue) == VDSO_READING_COARSE }

  /// Whether a page reads the clock from the counter.
  public var isFine: Bool { vdso_clock_reading(rawValue) == VDSO_READING_FINE }

  /// For a coarse clock, the clock that it approximates; else the clock itself.
  public var fineKind: ClockID {
    guard isCoarse else { return self }
    return isDate ? .realtime : .monotonic
  }
}
