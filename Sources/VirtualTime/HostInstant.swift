// SPDX-License-Identifier: Apache-2.0

public import TimePages

/// Readings of the host's clocks at one moment, in nanoseconds.
public struct HostInstant: Hashable, Sendable {
  public var realtime: Int64
  /// The reading of REALTIME_COARSE, at most a tick behind. It stays behind if the instant is moved ahead.
  public var coarseRealtime: Int64
  /// The leap seconds by which TAI is ahead of REALTIME; 0 if no program has set them in the kernel.
  public var leapSeconds: Int64
  public var uptime: Int64
  public var rawUptime: Int64
  /// The time that the machine slept, by which BOOTTIME is ahead of MONOTONIC.
  public var sleep: Int64
  /// Whether there are alarm clocks. If the kernel has none, a session has none either.
  public var hasAlarms = true
  /// How the clocks of the process that starts a session differ from these, which they do inside another session.
  public var maps: [ClockID: ClockMap] = [:]

  /// Without `coarseRealtime`, the coarse clock is taken to have just ticked.
  public init(
    realtime: Int64, coarseRealtime: Int64? = nil, leapSeconds: Int64, uptime: Int64, rawUptime: Int64, sleep: Int64
  ) {
    self.realtime = realtime
    self.coarseRealtime = coarseRealtime ?? realtime
    self.leapSeconds = leapSeconds
    self.uptime = uptime
    self.rawUptime = rawUptime
    self.sleep = sleep
  }

  /// Reads the clocks one after the other, within a microsecond or so.
  public static func now() -> HostInstant {
    func read(_ id: ClockID) -> Int64 { HostClock.read(id).nanosecondsSinceEpoch }
    let coarse = read(.realtimeCoarse)
    let realtime = read(.realtime)
    let uptime = read(.monotonic)
    let boottime = read(.boottime)
    var instant = HostInstant(
      realtime: realtime, coarseRealtime: coarse,
      leapSeconds: (read(.tai) - realtime + 500_000_000) / 1_000_000_000, uptime: uptime,
      rawUptime: read(.monotonicRaw), sleep: boottime - uptime)
    instant.hasAlarms = HostClock.has(.realtimeAlarm)
    return instant
  }

  /// The same for a process that may be in a session: the clocks are then where that session shows them.
  public static func current() -> HostInstant {
    var result = now()
    guard let page = SessionPage.current else { return result }
    result.maps = page.maps
    if page.hasSteps {
      // A stepped clock of this process's session counts as standing at its next step.
      let realtime = SessionClock.date()
      for (id, reading) in result.dates { result.maps[id] = ClockMap(frozenAt: reading + realtime - result.realtime) }
    }
    return result
  }

  /// The value that clock `id` shows in that session when the host's is at `reading`.
  func value(of id: ClockID, at reading: Int64) -> Int64 { maps[id]?.value(at: reading) ?? reading }

  /// The reading of clock `id`; nil if the clock measures processor time, or isn't known.
  public func reading(of id: ClockID) -> Int64? {
    (dates + monotonic).first { $0.0 == id }?.1
  }

  /// The reading of REALTIME at which a clock with `specification` starts.
  ///
  /// A clock that goes from a date at the host's rate starts when the coarse clock, which is behind, has reached that date: so no clock
  /// shows a time before it.
  func start(of specification: TimeSpecification) -> Int64 {
    guard case .date = specification.origin, specification.flow == .running else { return realtime }
    return coarseRealtime
  }

  /// The clocks that have a date, with their readings. A coarse clock has the reading of the clock that it approximates.
  var dates: [(ClockID, Int64)] {
    [(.realtime, realtime), (.realtimeCoarse, realtime), (.tai, realtime + leapSeconds * 1_000_000_000)]
      + (hasAlarms ? [(.realtimeAlarm, realtime)] : [])
  }

  /// The monotonic clocks, with their readings.
  var monotonic: [(ClockID, Int64)] {
    [
      (.monotonic, uptime), (.monotonicCoarse, uptime), (.monotonicRaw, rawUptime), (.boottime, uptime + sleep),
    ] + (hasAlarms ? [(.boottimeAlarm, uptime + sleep)] : [])
  }
}
