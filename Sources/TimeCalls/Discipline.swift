// SPDX-License-Identifier: Apache-2.0

/// How a session's clock is disciplined: the fields of `struct timex`.
///
/// A value without references, which processes may share.
struct Discipline: Hashable, Sendable {
  /// Parts of a million with 16 binary places, as the kernel has them.
  var frequency: Int64 = 0
  var maximumError: Int64 = 16_000_000
  var estimatedError: Int64 = 16_000_000
  var status: Int32 = Status.unsynchronized
  var constant: Int64 = 2
  /// Microseconds in a hundredth of a second.
  var tick: Int64 = 10_000
  /// Seconds by which TAI is ahead.
  var tai: Int64 = 0
  /// What the host's clock had when the session began, and the session's has by that.
  var hostFrequency: Int64 = 0
  var hostTick: Int64 = 10_000
  /// Nanoseconds that the clock has still to gain, or to lose, and the host's uptime at which that was so.
  var remaining: Int64 = 0
  var remainingSince: Int64 = 0

  enum Status {
    /// STA_PLL, STA_UNSYNC, STA_NANO, and all that only the kernel sets.
    static let loop: Int32 = 0x1
    static let unsynchronized: Int32 = 0x40
    static let nanoseconds: Int32 = 0x2000
    static let readOnly: Int32 = 0xff00
  }

  /// Nanoseconds per second by which an offset is worked off, as the kernel does for adjtime.
  static let slewRate: Int64 = 500_000

  var isInNanoseconds: Bool { status & Status.nanoseconds != 0 }

  /// Billionths by which the clock goes faster than it would.
  var billionths: Int64 {
    let steady = ((frequency - hostFrequency) * 1000) >> 16 + (tick - hostTick) * 100_000
    return steady + (remaining == 0 ? 0 : remaining > 0 ? Self.slewRate : -Self.slewRate)
  }

  /// Takes off what has been worked off since; returns whether that was the rest.
  mutating func settle(at uptime: Int64) -> Bool {
    guard remaining != 0 else { return false }
    let done = max(0, uptime - remainingSince) * Self.slewRate / 1_000_000_000
    let isDone = done >= abs(remaining)
    remaining = isDone ? 0 : remaining - (remaining > 0 ? done : -done)
    remainingSince = uptime
    return isDone
  }

  /// Milliseconds until nothing is left to work off; nil if nothing is.
  func patience(at uptime: Int64) -> Int32? {
    guard remaining != 0 else { return nil }
    let end = remainingSince + abs(remaining) * 1_000_000_000 / Self.slewRate
    return Int32(clamping: max(0, end - uptime) / 1_000_000 + 1)
  }
}
