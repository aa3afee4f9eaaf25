// SPDX-License-Identifier: Apache-2.0

// The host's clocks, read through its libc, or past it where that reads the page of a session.
//
// The one unsafe thing here is passing local variables to C, which live through the call.

import CLinux
import Glibc
public import LinuxTypes
import ProcessSupport

/// The host's clocks: what a counter is disciplined against.
public enum HostClock {
  /// Reads clock `id`. Every clock in `ClockID.paged` can be read on any Linux.
  ///
  /// In a session it is the host's clock, not the session's.
  public static func read(_ id: ClockID) -> Timespec {
    if let reading = HostVDSO.hiddenReading(id) { return reading }
    var time = timespec()
    unsafe clock_gettime(id.rawValue, &time)
    return Timespec(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }

  /// Whether the host has clock `id`: alarms' take a device that wakes the machine, which many have not.
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

  /// Sleeps, signals notwithstanding.
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

/// Notice of the host's date being set. The corresponding C function is `timerfd_create`.
package struct DateWatch {
  /// Readable from when the date is set until `wasSet` is read. It stays open.
  package let descriptor: Int32

  /// Nil if the kernel has none to spare.
  package init?() {
    descriptor = linux_watch_date()
    if descriptor < 0 { return nil }
  }

  /// Whether the date was set since this was last read.
  package var wasSet: Bool { linux_was_date_set(descriptor) }
}

/// The clocks of the session in which this process runs; elsewhere the host's.
public enum SessionClock {
  /// The date, in nanoseconds since the epoch.
  public static func date() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// A reading of a host clock, and the counter at the same moment.
public struct ClockSample: Hashable, Sendable {
  public var counter: UInt64
  public var time: Timespec
  /// How many cycles the reading took: the moment is known to half of it.
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
