public import SimulatedKernel

/// Another time for a program that starts: for each clock, how it differs from the host's.
///
/// The differences between clocks stay as they are on the host: they all jump alike, and go at one rate. One thing is
/// different: monotonic clocks never jump back, here as everywhere.
public struct VirtualClock: Hashable, Sendable {
  /// Which clocks a specification is for.
  public enum Scope: String, CaseIterable, Sendable {
    /// Those that tell a date: REALTIME, its coarse and alarm kinds, and TAI.
    case realtime = "REALTIME"
    /// Those, and the monotonic ones: MONOTONIC, BOOTTIME, and their kinds.
    case all
  }

  /// The clocks that differ from the host's.
  public let maps: [ClockID: ClockMap]
  /// Where the date starts, in nanoseconds since the epoch.
  public let start: Int64

  /// What `specification` means for a program that starts when the host's clocks are at `host`.
  public init(
    _ specification: TimeSpecification, scope: Scope = .realtime, at host: HostInstant = .now()
  ) throws(VirtualClockError) {
    let now = host.realtime
    let (start, overflow) =
      switch specification.origin {
      case .present: (now, false)
      case .offset(let nanoseconds): now.addingReportingOverflow(nanoseconds)
      case .date(let nanoseconds): (nanoseconds, false)
      }
    guard !overflow, TimeSpecification.dates.contains(start) else { throw VirtualClockError() }
    let jump = start - now
    var maps: [ClockID: ClockMap] = [:]
    for (id, reading) in host.dates {
      maps[id] = specification.flow.map(from: reading, jump: jump)
    }
    for (id, reading) in host.monotonic where scope == .all {
      maps[id] = specification.flow.map(from: reading, jump: max(0, jump))
    }
    self.start = start
    self.maps = maps
  }
}

extension TimeSpecification.Flow {
  /// The map of a clock that jumps by `jump` when it is at `reading` and goes on by this flow.
  fileprivate func map(from reading: Int64, jump: Int64) -> ClockMap {
    switch self {
    case .frozen: ClockMap(frozenAt: reading + jump)
    case .running: ClockMap(offset: jump)
    case .rate(let billionths):
      ClockMap(
        from: reading, to: reading + jump,
        rate: UInt64((UInt128(billionths) << 32) / 1_000_000_000))
    }
  }
}

/// A specification that can't be followed: the date would start outside the years that a page can tell.
public struct VirtualClockError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String {
    "the date would start outside the years 1970 to 2261, which are those that a page can tell: give a smaller offset"
  }
}
