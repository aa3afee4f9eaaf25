// SPDX-License-Identifier: Apache-2.0

public import CSystemCalls
@_exported public import LinuxTypes

/// A clock of the kernel. An open set: process and device clocks have numbers below 0. The C constants are `CLOCK_*`.
public struct Clock: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int32

  @inlinable
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The time of day. The corresponding C constant is `CLOCK_REALTIME`.
  @inlinable public static var realtime: Clock { Clock(rawValue: 0) }
  /// Time that is never set. The corresponding C constant is `CLOCK_MONOTONIC`.
  @inlinable public static var monotonic: Clock { Clock(rawValue: 1) }
  /// The corresponding C constant is `CLOCK_PROCESS_CPUTIME_ID`.
  @inlinable public static var processCPUTime: Clock { Clock(rawValue: 2) }
  /// The corresponding C constant is `CLOCK_THREAD_CPUTIME_ID`.
  @inlinable public static var threadCPUTime: Clock { Clock(rawValue: 3) }
  /// The corresponding C constant is `CLOCK_MONOTONIC_RAW`.
  @inlinable public static var monotonicRaw: Clock { Clock(rawValue: 4) }
  /// The corresponding C constant is `CLOCK_REALTIME_COARSE`.
  @inlinable public static var realtimeCoarse: Clock { Clock(rawValue: 5) }
  /// The corresponding C constant is `CLOCK_MONOTONIC_COARSE`.
  @inlinable public static var monotonicCoarse: Clock { Clock(rawValue: 6) }
  /// The corresponding C constant is `CLOCK_BOOTTIME`.
  @inlinable public static var boottime: Clock { Clock(rawValue: 7) }
  /// The corresponding C constant is `CLOCK_TAI`.
  @inlinable public static var tai: Clock { Clock(rawValue: 11) }
}

/// The C structure `timespec`: seconds, and nanoseconds below a thousand million.
public typealias Timespec = linux_timespec

/// The C structure `timeval`: seconds, and microseconds below a million.
public typealias Timeval = linux_timeval
