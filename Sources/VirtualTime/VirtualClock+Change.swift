// SPDX-License-Identifier: Apache-2.0

import TimePages

extension VirtualClock {
  /// The clock that replaces this one by `request` when the host's clocks are at `host`, an instant in the near future.
  ///
  /// Programs read this clock until the new one is published, which must happen before `host`. Until then a monotonic clock of the new one
  /// stands where this one will be at `host`, or further ahead, so that it is not behind a time that a program has read. The date never
  /// shows a time before the requested one.
  public func changed(to request: TimeRequest, at host: HostInstant) throws(VirtualClockError) -> VirtualClock {
    let present = value(of: .realtime, at: host.realtime)
    let origin = request.specification.origin
    let start = try origin.date(present: present, host: host.value(of: .realtime, at: host.realtime))
    let jump = host.jump(to: start, from: present, request.specification)
    var maps: [ClockID: ClockMap] = [:]
    for (id, reading) in host.dates {
      maps[id] = request.specification.flow.map(
        from: reading, to: try Self.value(of: id, value(of: id, at: reading), after: jump),
        isSteady: origin != .present || isSteady(id))
    }
    for (id, reading) in host.monotonic {
      let forward = request.scope == .all ? max(0, jump) : 0
      if forward == 0 && isSteady(id) && request.leavesRunning {
        maps[id] = self.maps[id]
      } else {
        let flow = request.scope == .all ? request.specification.flow : .running
        maps[id] = flow.map(
          from: reading, to: try Self.value(of: id, value(of: id, at: reading), after: forward),
          isSteady: isSteady(id) && forward >= Self.unnoticedJump)
      }
    }
    return VirtualClock(maps: maps, start: start, request: request)
  }

  /// Nanoseconds by which a clock must jump ahead so that no reading of the old one, even by the counter, is ahead of it.
  private static let unnoticedJump: Int64 = 1_000_000

  /// Whether clock `id` goes at the host's rate, and always has.
  private func isSteady(_ id: ClockID) -> Bool { maps[id].map { $0.isOffset } ?? true }
}

extension TimeRequest {
  /// Whether the monotonic clocks go at the host's rate.
  fileprivate var leavesRunning: Bool { scope == .realtime || specification.flow == .running }
}

extension HostInstant {
  /// The readings of the clocks `nanoseconds` later.
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
