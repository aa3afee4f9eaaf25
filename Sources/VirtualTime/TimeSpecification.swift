// SPDX-License-Identifier: Apache-2.0

/// The time that a program sees: where its clock starts, and how it goes from there.
///
/// A value: it means the same at any moment and in any time zone, except that `present` and `offset` refer to the moment
/// at which it is applied.
public struct TimeSpecification: Hashable, Sendable {
  /// Where the clock starts.
  public enum Origin: Hashable, Sendable {
    /// It starts where it is: at the host's time for a program that starts, at the program's own time for one that runs.
    case present
    /// Nanoseconds ahead of the host's clock; behind it if negative.
    case offset(Int64)
    /// Nanoseconds since the epoch, within `dates`.
    case date(Int64)
  }

  /// How the clock goes.
  public enum Flow: Hashable, Sendable {
    /// It goes at this many billionths of a second per second, within `rates`.
    case rate(billionths: UInt64)
    /// It stands still.
    case frozen
    /// It advances by this many nanoseconds at each reading, within `steps`, and stands still in between.
    case step(nanoseconds: Int64)
  }

  public var origin: Origin
  public var flow: Flow

  public init(origin: Origin = .present, flow: Flow = .running) {
    self.origin = origin
    self.flow = flow
  }

  /// The dates that a page can represent, in nanoseconds since the epoch: the years 1970 to 2261.
  public static let dates: ClosedRange<Int64> = 0...9_214_646_399_999_999_999
  /// The rates that a page can represent, in billionths.
  public static let rates: ClosedRange<UInt64> = 1000...1_000_000_000_000_000
  /// The steps that a clock can take, in nanoseconds: up to 290 years.
  public static let steps: ClosedRange<Int64> = 1...TimeSpan.longest
}

extension TimeSpecification.Flow {
  /// One second per second.
  public static let running = Self.rate(billionths: 1_000_000_000)

  /// Whether the clock goes, but not at one second per second.
  public var isOtherRate: Bool { if case .rate = self { self != .running } else { false } }
}
