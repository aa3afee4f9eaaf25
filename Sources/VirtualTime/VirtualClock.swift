// SPDX-License-Identifier: Apache-2.0

public import TimePages

/// Another time for the programs of a session: for each clock, how it differs from the host's.
///
/// The differences between clocks stay as they are on the host: they all jump alike, and go at one rate. One thing is
/// different: monotonic clocks never jump back, here as everywhere.
public struct VirtualClock: Hashable, Sendable {
  /// Which clocks a specification is for.
  public enum Scope: String, CaseIterable, Sendable {
    /// Those that have a date: REALTIME, its coarse and alarm kinds, and TAI.
    case realtime = "REALTIME"
    /// Those, and the monotonic ones: MONOTONIC, BOOTTIME, and their kinds.
    case all

    /// Reads a name, REALTIME in small letters too.
    public init?(name: String) { self.init(rawValue: name == "realtime" ? "REALTIME" : name) }
  }

  /// The clocks that differ from the host's. One that is stepped stands, apart from its steps.
  public let maps: [ClockID: ClockMap]
  /// Where the date starts, in nanoseconds since the epoch.
  public let start: Int64
  /// What was asked for.
  public let request: TimeRequest
  /// The steps taken, in nanoseconds.
  var progress: Int64 = 0

  /// What `specification` means for a program that starts when the host's clocks are at `host`. Where they differ for the process that starts
  /// it, it is relative to what that one sees.
  public init(
    _ specification: TimeSpecification, scope: Scope = .realtime, at host: HostInstant = .now()
  ) throws(VirtualClockError) {
    let present = host.value(of: .realtime, at: host.realtime)
    let start = try specification.origin.date(present: present, host: present)
    let jump = start - present + host.realtime - host.start(of: specification)
    // In another session, everything that isn't requested stays as it is there.
    var maps = host.maps
    if specification != TimeSpecification() || maps.isEmpty {
      for (id, reading) in host.dates {
        maps[id] = specification.flow.map(
          from: reading, to: host.value(of: id, at: reading) + jump, isSteady: host.isSteady(id))
      }
      for (id, reading) in host.monotonic where scope == .all {
        maps[id] = specification.flow.map(
          from: reading, to: host.value(of: id, at: reading) + max(0, jump), isSteady: host.isSteady(id))
      }
    }
    self.init(maps: maps, start: start, request: TimeRequest(specification, scope: scope))
  }

  /// The same for what was asked for.
  public init(_ request: TimeRequest, at host: HostInstant) throws(VirtualClockError) {
    try self.init(request.specification, scope: request.scope, at: host)
  }

  init(maps: [ClockID: ClockMap], start: Int64, request: TimeRequest) {
    self.maps = maps
    self.start = start
    self.request = request
  }

  /// The host's clock whose readings count for clock `id`.
  public func hostClock(of id: ClockID) -> ClockID { maps[id]?.hostClock(of: id) ?? id }

  /// What clock `id` returns when the host's is at `reading`, without taking a step.
  public func value(of id: ClockID, at reading: Int64) -> Int64 {
    guard let map = maps[id] else { return reading }
    let steps = request.scope.contains(id) ? progress : 0
    let (sum, overflow) = map.value(at: reading).addingReportingOverflow(steps)
    return overflow ? TimeSpecification.dates.upperBound : min(sum, TimeSpecification.dates.upperBound)
  }
}

extension TimeSpecification.Origin {
  /// Where a clock that is at `present`, while the host's is at `host`, starts.
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
  /// The map of a clock that is at `time` when the host's is at `reading`, and goes on by this flow.
  ///
  /// Before that it stands, but where `isSteady` and the clock goes as fast as the host's: then it has always done so, which a
  /// page reads from the cycle counter too.
  func map(from reading: Int64, to time: Int64, isSteady: Bool) -> ClockMap {
    switch self {
    case .frozen, .step: ClockMap(frozenAt: time)
    case .running where isSteady: ClockMap(offset: time - reading)
    case .rate(let billionths):
      ClockMap(from: reading, to: time, rate: UInt64((UInt128(billionths) << 32) / 1_000_000_000))
    }
  }
}

/// A specification that can't be followed: the date would start outside the years that a page can represent.
public struct VirtualClockError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String {
    "the date would be outside the years 1970 to 2261, which a page can represent: pass a smaller offset"
  }
}

extension HostInstant {
  /// Whether clock `id` goes as fast as the host's for the process that starts a session.
  fileprivate func isSteady(_ id: ClockID) -> Bool { maps[id]?.isOffset ?? true }
}
