// SPDX-License-Identifier: Apache-2.0

/// A time: whole seconds, and nanoseconds below 1,000,000,000. The corresponding C structure is `timespec`.
public struct Timespec: Hashable, Comparable, Sendable {
  public var seconds: Int64
  public var nanoseconds: UInt32

  @inlinable
  public init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// The time `nanoseconds` after the epoch.
  @inlinable
  public init(nanosecondsSinceEpoch nanoseconds: Int64) {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    seconds = remainder < 0 ? quotient - 1 : quotient
    self.nanoseconds = UInt32(remainder < 0 ? remainder + 1_000_000_000 : remainder)
  }

  /// Nanoseconds since the epoch, modulo 2^64.
  @inlinable
  public var nanosecondsSinceEpoch: Int64 { seconds &* 1_000_000_000 &+ Int64(nanoseconds) }

  public static func < (left: Timespec, right: Timespec) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

/// A time: whole seconds, and microseconds below 1,000,000. The corresponding C structure is `timeval`.
public struct Timeval: Hashable, Sendable {
  public var seconds: Int64
  public var microseconds: UInt32

  @inlinable
  public init(seconds: Int64, microseconds: UInt32 = 0) {
    self.seconds = seconds
    self.microseconds = microseconds
  }
}
