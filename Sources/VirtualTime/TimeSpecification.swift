// SPDX-License-Identifier: Apache-2.0

/// Which time a program is to see: where its clock starts, and how it goes on from there.
///
/// A value: it means the same at any moment and in any time zone, except that `present` and `offset` refer to the moment
/// at which it is applied.
public struct TimeSpecification: Hashable, Sendable {
  /// Where the clock starts.
  public enum Origin: Hashable, Sendable {
    /// Where it is: the host's time for a program that starts, the program's own for one that runs.
    case present
    /// Nanoseconds ahead of the host's clock; behind it where negative.
    case offset(Int64)
    /// Nanoseconds since the epoch, within `dates`.
    case date(Int64)
  }

  /// How the clock goes on.
  public enum Flow: Hashable, Sendable {
    /// As many billionths of a second per second, within `rates`.
    case rate(billionths: UInt64)
    /// Not at all.
    case frozen
    /// By so many nanoseconds at each reading, within `steps`, and not in between.
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
  /// A second per second.
  public static let running = Self.rate(billionths: 1_000_000_000)

  /// Whether a second of the clock lasts another time than a second, and not for ever.
  public var isOtherRate: Bool { if case .rate = self { self != .running } else { false } }
}
