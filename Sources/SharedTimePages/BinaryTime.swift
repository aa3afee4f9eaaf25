// SPDX-License-Identifier: Apache-2.0

/// A time in seconds and 2^-64 parts of a second. The corresponding C structure is FreeBSD's `bintime`.
public struct BinaryTime: Hashable, Comparable, Sendable {
  public var seconds: Int64
  /// The part beyond whole seconds, in units of 2^-64 seconds.
  public var fraction: UInt64

  public init(seconds: Int64, fraction: UInt64 = 0) {
    self.seconds = seconds
    self.fraction = fraction
  }

  /// The time `nanoseconds`, below 1,000,000,000, past `seconds`. It is rounded up, so that the property `nanoseconds` returns the same
  /// number.
  public init(seconds: Int64, nanoseconds: UInt32) {
    let (quotient, remainder) = UInt64(1_000_000_000).dividingFullWidth((UInt64(nanoseconds), 0))
    self.init(seconds: seconds, fraction: quotient + (remainder > 0 ? 1 : 0))
  }

  /// Whole nanoseconds past `seconds`. The corresponding C function is `bintime2timespec`.
  public var nanoseconds: UInt32 {
    UInt32(truncatingIfNeeded: fraction.multipliedFullWidth(by: 1_000_000_000).high)
  }

  /// Wraps beyond 2^63 seconds, as C does.
  public static func + (left: BinaryTime, right: BinaryTime) -> BinaryTime {
    let (fraction, carry) = left.fraction.addingReportingOverflow(right.fraction)
    return BinaryTime(seconds: left.seconds &+ right.seconds &+ (carry ? 1 : 0), fraction: fraction)
  }

  /// Wraps in the same way.
  public static func - (left: BinaryTime, right: BinaryTime) -> BinaryTime {
    let (fraction, borrow) = left.fraction.subtractingReportingOverflow(right.fraction)
    return BinaryTime(seconds: left.seconds &- right.seconds &- (borrow ? 1 : 0), fraction: fraction)
  }

  public static func < (left: BinaryTime, right: BinaryTime) -> Bool {
    (left.seconds, left.fraction) < (right.seconds, right.fraction)
  }
}
