// SPDX-License-Identifier: Apache-2.0

/// How a session's clock is disciplined: the fields of `struct timex`.
///
/// A value without references, which processes may share.
struct Discipline: Hashable, Sendable {
  /// Millionths with 16 fractional bits, as in the kernel.
  var frequency: Int64 = 0
  var maximumError: Int64 = 16_000_000
  var estimatedError: Int64 = 16_000_000
  var status: Int32 = Status.unsynchronized
  var constant: Int64 = 2
  /// Microseconds in a hundredth of a second.
  var tick: Int64 = 10_000
  /// The seconds by which TAI is ahead.
  var tai: Int64 = 0
  /// The frequency of the host's clock when the session began, which the session's clock already has.
  var hostFrequency: Int64 = 0
  var hostTick: Int64 = 10_000
  /// The nanoseconds that the clock still has to gain, or to lose if negative, and the host's uptime when that was computed.
  var remaining: Int64 = 0
  var remainingSince: Int64 = 0

  enum Status {
    /// STA_PLL, STA_UNSYNC, STA_NANO, and the bits that only the kernel sets.
    static let loop: Int32 = 0x1
    static let unsynchronized: Int32 = 0x40
    static let nanoseconds: Int32 = 0x2000
    static let readOnly: Int32 = 0xff00
  }

  /// The nanoseconds per second by which an offset is applied, as the kernel does for adjtime.
  static let slewRate: Int64 = 500_000

  var isInNanoseconds: Bool { status & Status.nanoseconds != 0 }

  /// The billionths by which the discipline makes the clock faster.
  var billionths: Int64 {
    let steady = ((frequency - hostFrequency) * 1000) >> 16 + (tick - hostTick) * 100_000
    return steady + (remaining == 0 ? 0 : remaining > 0 ? Self.slewRate : -Self.slewRate)
  }

  /// Subtracts what has been applied since the last call. Returns whether that was the rest.
  mutating func settle(at uptime: Int64) -> Bool {
    guard remaining != 0 else { return false }
    let done = max(0, uptime - remainingSince) * Self.slewRate / 1_000_000_000
    let isDone = done >= abs(remaining)
    remaining = isDone ? 0 : remaining - (remaining > 0 ? done : -done)
    remainingSince = uptime
    return isDone
  }

  /// Milliseconds until the offset is applied completely; nil if there is none.
  func patience(at uptime: Int64) -> Int32? {
    guard remaining != 0 else { return nil }
    let end = remainingSince + abs(remaining) * 1_000_000_000 / Self.slewRate
    return Int32(clamping: max(0, end - uptime) / 1_000_000 + 1)
  }
}
