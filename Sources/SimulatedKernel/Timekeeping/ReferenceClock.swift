// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The clocks that a counter is disciplined against: the host's, or simulated ones.
public struct ReferenceClock: Sendable {
  /// Reads a clock.
  public var read: @Sendable (ClockID) -> Timespec
  /// Sleeps for a number of nanoseconds.
  public var sleep: @Sendable (UInt64) -> Void
  /// Whether a leap second is announced for the end of the day, or under way.
  public var isLeapSecondPending: @Sendable () -> Bool

  public init(
    read: @escaping @Sendable (ClockID) -> Timespec, sleep: @escaping @Sendable (UInt64) -> Void,
    isLeapSecondPending: @escaping @Sendable () -> Bool = { false }
  ) {
    self.read = read
    self.sleep = sleep
    self.isLeapSecondPending = isLeapSecondPending
  }

  /// The host's clocks, read past the page of a session.
  public static let host = ReferenceClock(
    read: { HostClock.read($0) }, sleep: { HostClock.sleep(nanoseconds: $0) },
    // TIME_INS, TIME_DEL, TIME_OOP
    isLeapSecondPending: { (1...3).contains(linux_leap_state()) })

  /// Whether a leap second may set the date at or within two seconds of `time`. Asks the system only at the end of a day.
  func leaps(near time: Timespec) -> Bool {
    let second = time.seconds % 86_400
    return (second >= 86_398 || second <= 1) && isLeapSecondPending()
  }
}
