// SPDX-License-Identifier: Apache-2.0

import TimePages

extension VirtualClock {
  /// The clock that goes on from this one by `request` when the host's clocks are at `host`, which lies ahead.
  ///
  /// Programs read this clock until the new one is published, which must be before `host`. A monotonic clock of the new one stands
  /// until then where this one will be, or further ahead: so no program finds it behind what has been read. The date shows no time
  /// before the one that is asked for.
  public func changed(to request: TimeRequest, at host: HostInstant) throws(VirtualClockError) -> VirtualClock {
    let present = value(of: .realtime, at: host.realtime)
    let origin = request.specification.origin
    let start = try origin.date(present: present, host: host.value(of: .realtime, at: host.realtime))
    let jump = start - present + host.realtime - host.start(of: request.specification)
    var maps: [ClockID: ClockMap] = [:]
    for (id, reading) in host.dates {
      maps[id] = request.specification.flow.map(
        from: reading, to: value(of: id, at: reading) + jump, isSteady: origin != .present || isSteady(id))
    }
    for (id, reading) in host.monotonic {
      let forward = request.scope == .all ? max(0, jump) : 0
      if forward == 0 && isSteady(id) && request.leavesRunning {
        maps[id] = self.maps[id]
      } else {
        let flow = request.scope == .all ? request.specification.flow : .running
        maps[id] = flow.map(
          from: reading, to: value(of: id, at: reading) + forward,
          isSteady: isSteady(id) && forward >= Self.unnoticedJump)
      }
    }
    return VirtualClock(maps: maps, start: start, request: request)
  }

  /// Nanoseconds by which a clock has to jump ahead so that no reading of the old one is ahead of it, be it by the counter.
  private static let unnoticedJump: Int64 = 1_000_000

  /// Whether clock `id` goes as fast as the host's, and always has.
  private func isSteady(_ id: ClockID) -> Bool { maps[id].map { $0.isOffset } ?? true }
}

extension TimeRequest {
  /// Whether the monotonic clocks go on as the host's do.
  fileprivate var leavesRunning: Bool { scope == .realtime || specification.flow == .running }
}

extension HostInstant {
  /// What the clocks will be at after `nanoseconds`.
  public func advanced(by nanoseconds: Int64) -> HostInstant {
    var later = HostInstant(
      realtime: realtime + nanoseconds, coarseRealtime: coarseRealtime, leapSeconds: leapSeconds,
      uptime: uptime + nanoseconds,
      rawUptime: rawUptime + nanoseconds, sleep: sleep)
    later.hasAlarms = hasAlarms
    later.maps = maps
    return later
  }
}
