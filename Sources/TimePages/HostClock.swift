// SPDX-License-Identifier: Apache-2.0

// The host's clocks, read through libc, or without it if libc would read the page of a session.
//
// Assumes nothing: only local variables are passed to C, and they live through the call.

import CLinux
import Glibc
public import LinuxTypes
import ProcessSupport

/// The clocks of the host, against which a counter is disciplined.
public enum HostClock {
  /// Reads clock `id`. Every clock in `ClockID.paged` can be read on any Linux.
  ///
  /// Inside a session it reads the host's clock, not the session's.
  public static func read(_ id: ClockID) -> Timespec {
    if let reading = HostVDSO.hiddenReading(id) { return reading }
    var time = timespec()
    unsafe clock_gettime(id.rawValue, &time)
    return Timespec(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }

  /// The host's CLOCK_MONOTONIC in nanoseconds.
  package static var uptime: Int64 { read(.monotonic).nanosecondsSinceEpoch }

  /// Whether the host has clock `id`. Alarm clocks need a device that wakes the machine, which many machines lack.
  public static func has(_ id: ClockID) -> Bool {
    var time = timespec()
    return unsafe clock_gettime(id.rawValue, &time) == 0
  }

  /// Returns the resolution of clock `id` in nanoseconds.
  public static func resolution(_ id: ClockID) -> UInt32 {
    var time = timespec()
    unsafe clock_getres(id.rawValue, &time)
    return UInt32(truncatingIfNeeded: time.tv_nsec)
  }

  /// Sleeps for the whole time, also if signals interrupt it.
  package static func sleep(nanoseconds: UInt64) {
    var rest = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    _ = retryingLibc { Int(unsafe withUnsafeMutablePointer(to: &rest) { unsafe nanosleep($0, $0) }) }
  }

  /// The kernel's time zone: minutes west of Greenwich, and the daylight saving rule, both zero on most machines.
  public static var timeZone: (minutesWest: Int32, dst: Int32) {
    var time = timeval()
    var zone = timezone()
    unsafe gettimeofday(&time, &zone)
    return (zone.tz_minuteswest, zone.tz_dsttime)
  }
}

/// Notification when the host's date is set. The corresponding C function is `timerfd_create`.
package struct DateWatch {
  /// It is readable from the moment at which the date is set until `wasSet` is read. It stays open.
  package let descriptor: Int32

  /// Nil if the kernel can't make the descriptor.
  package init?() {
    descriptor = linux_watch_date()
    if descriptor < 0 { return nil }
  }

  /// Whether the date was set since this was last read.
  package var wasSet: Bool { linux_was_date_set(descriptor) }
}

/// The clocks of the session in which this process runs; outside a session, the host's.
public enum SessionClock {
  /// The date, in nanoseconds since the epoch.
  public static func date() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// A reading of a host clock, and the counter value at the same moment.
public struct ClockSample: Hashable, Sendable {
  /// The value of the counter, in cycles.
  public var counter: UInt64
  /// The reading of the clock.
  public var time: Timespec
  /// The number of cycles that the reading took; the moment is uncertain by half of it in each direction.
  public var uncertainty: UInt64

  public init(counter: UInt64, time: Timespec, uncertainty: UInt64 = 0) {
    self.counter = counter
    self.time = time
    self.uncertainty = uncertainty
  }

  /// Reads clock `id` of the host between two reads of `counter`, the best of `attempts`.
  public static func take(_ id: ClockID, by counter: CycleCounter, attempts: Int = 3) -> ClockSample {
    take(by: counter.read, attempts: attempts) { HostClock.read(id) }
  }

  /// Calls `time` between two calls of `counter`, and returns the best of `attempts`.
  package static func take(by counter: () -> UInt64, attempts: Int = 3, _ time: () -> Timespec) -> ClockSample {
    var best: ClockSample?
    for _ in 0..<max(1, attempts) {
      let before = counter()
      let reading = time()
      let width = counter() &- before
      guard width < best?.uncertainty ?? .max else { continue }
      best = ClockSample(counter: before &+ width / 2, time: reading, uncertainty: width)
    }
    return best ?? ClockSample(counter: counter(), time: time(), uncertainty: .max)
  }
}
