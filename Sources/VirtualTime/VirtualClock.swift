// SPDX-License-Identifier: Apache-2.0

public import TimePages

/// Another time for the programs of a session: for each clock, how it differs from the host's.
///
/// The differences between clocks stay as they are on the host: all clocks jump together and go at one rate. There is one exception:
/// monotonic clocks never jump back.
public struct VirtualClock: Hashable, Sendable {
  /// The clocks that a specification changes.
  public enum Scope: String, CaseIterable, Sendable {
    /// The clocks that have a date: REALTIME, its coarse and alarm kinds, and TAI.
    case realtime = "REALTIME"
    /// These, and the monotonic clocks: MONOTONIC, BOOTTIME, and their kinds.
    case all

    /// Reads a name. REALTIME may be written in lowercase.
    public init?(name: String) { self.init(rawValue: name == "realtime" ? "REALTIME" : name) }
  }

  /// The clocks that differ from the host's. The map of a stepped clock makes it stand; its steps are added.
  public let maps: [ClockID: ClockMap]
  /// The date at which the clock starts, in nanoseconds since the epoch.
  public let start: Int64
  /// The request from which the clock was made.
  public let request: TimeRequest
  /// The steps taken, in nanoseconds.
  var progress: Int64 = 0

  /// The clock of a program that starts with `specification` when the host's clocks are at `host`. If the process that starts it sees other
  /// clocks, the specification is relative to those.
  /// it, it is relative to what that one sees.
  public init(
    _ specification: TimeSpecification, scope: Scope = .realtime, at host: HostInstant = .now()
  ) throws(VirtualClockError) {
    let present = host.value(of: .realtime, at: host.realtime)
    let start = try specification.origin.date(present: present, host: present)
    let jump = host.jump(to: start, from: present, specification)
    // In another session, everything that the request doesn't change stays as it is there.
    var maps = host.maps
    if specification != TimeSpecification() || maps.isEmpty {
      for (id, reading) in host.dates {
        maps[id] = specification.flow.map(
          from: reading, to: try Self.value(of: id, host.value(of: id, at: reading), after: jump),
          isSteady: host.isSteady(id))
      }
      for (id, reading) in host.monotonic where scope == .all {
        maps[id] =
          specification.flow.map(
            from: reading, to: try Self.value(of: id, host.value(of: id, at: reading), after: max(0, jump)),
            isSteady: host.isSteady(id)
          ).reachingBack
      }
    }
    self.init(maps: maps, start: start, request: TimeRequest(specification, scope: scope))
  }

  /// The same for a request.
  public init(_ request: TimeRequest, at host: HostInstant) throws(VirtualClockError) {
    try self.init(request.specification, scope: request.scope, at: host)
  }

  init(maps: [ClockID: ClockMap], start: Int64, request: TimeRequest) {
    self.maps = maps
    self.start = start
    self.request = request
  }

  /// The host's clock from whose readings clock `id` is computed.
  public func hostClock(of id: ClockID) -> ClockID { maps[id]?.hostClock(of: id) ?? id }

  /// The value of clock `id` when the host's is at `reading`, without taking a step.
  public func value(of id: ClockID, at reading: Int64) -> Int64 {
    guard let map = maps[id] else { return reading }
    let steps = request.scope.contains(id) ? progress : 0
    let (sum, overflow) = map.value(at: reading).addingReportingOverflow(steps)
    return overflow ? TimeSpecification.dates.upperBound : min(sum, TimeSpecification.dates.upperBound)
  }
}

extension TimeSpecification.Origin {
  /// The start of a clock that is at `present` while the host's is at `host`.
  func date(present: Int64, host: Int64) throws(VirtualClockError) -> Int64 {
    let (date, overflow) =
      switch self {
      case .present: (present, false)
      case .offset(let nanoseconds): host.addingReportingOverflow(nanoseconds)
      case .date(let nanoseconds): (nanoseconds, false)
      }
    guard !overflow, TimeSpecification.dates.contains(date) else { throw VirtualClockError() }
    return date
  }
}

extension TimeSpecification.Flow {
  /// The map of a clock that is at `time` when the host's is at `reading`, and goes from there as this value says.
  ///
  /// Before that it stands, with one exception: if `isSteady` is true and the clock goes at the host's rate, it has always done so. A page
  /// can then read it from the cycle counter too.
  func map(from reading: Int64, to time: Int64, isSteady: Bool) -> ClockMap {
    switch self {
    case .frozen, .step: ClockMap(frozenAt: time)
    case .running where isSteady: ClockMap(offset: time - reading)
    case .rate(let billionths):
      ClockMap(from: reading, to: time, rate: UInt64((UInt128(billionths) << 32) / 1_000_000_000))
    }
  }
}

/// A specification can't be applied, because a clock would start at a time that a page can't represent.
public struct VirtualClockError: Error, Hashable, Sendable, CustomStringConvertible {
  private let isDate: Bool

  package init(isDate: Bool = true) { self.isDate = isDate }

  public var description: String {
    isDate
      ? "the date would be outside the years 1970 to 2261, which a page can represent: pass a smaller offset"
      : "the monotonic clocks would pass 292 years, which a page can't represent: with --clock all, jumps ahead add up; start a new session"
  }
}

extension VirtualClock {
  /// The value of clock `id` after a jump. The origin of a request has been checked to be a date that a page can represent.
  static func value(of id: ClockID, _ value: Int64, after jump: Int64) throws(VirtualClockError) -> Int64 {
    let (sum, overflow) = value.addingReportingOverflow(jump)
    guard !overflow, id.isDate || sum <= TimeSpecification.dates.upperBound else {
      throw VirtualClockError(isDate: id.isDate)
    }
    return sum
  }
}

extension HostInstant {
  /// Nanoseconds from the date `present` to `start`, and from this instant's beginning for `specification`.
  func jump(to start: Int64, from present: Int64, _ specification: TimeSpecification) -> Int64 {
    // Dates of three centuries apart: each difference fits, but not the sum of two dates.
    (start - present) + (realtime - self.start(of: specification))
  }

  /// Whether clock `id` goes at the host's rate for the process that starts a session.
  fileprivate func isSteady(_ id: ClockID) -> Bool { maps[id]?.isOffset ?? true }
}
