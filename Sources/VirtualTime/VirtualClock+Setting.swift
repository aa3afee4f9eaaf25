// SPDX-License-Identifier: Apache-2.0

import TimePages

extension VirtualClock {
  /// The clock whose date is `nanoseconds` ahead of this one's, and whose TAI is ahead by whole seconds in addition; nil if a page can't
  /// represent it.
  ///
  /// The monotonic clocks stay, as they do when a kernel's clock is set.
  public func shifted(by nanoseconds: Int64, leapSeconds: Int64 = 0, at host: HostInstant) -> VirtualClock? {
    let (date, overflow) = value(of: .realtime, at: host.realtime).addingReportingOverflow(nanoseconds)
    guard !overflow, TimeSpecification.dates.contains(date) else { return nil }
    var maps = maps
    for id in ClockID.all where id.isDate {
      guard let map = maps[id] else { continue }
      maps[id] = map.shifted(by: nanoseconds + (id == .tai ? leapSeconds * 1_000_000_000 : 0))
    }
    return VirtualClock(self, maps: maps, start: date)
  }

  /// The clock whose date goes faster than the requested rate, by `billionths` of it, from `host` on.
  public func slewed(by billionths: Int64, at host: HostInstant) -> VirtualClock {
    guard case .rate(let rate) = request.specification.flow else { return self }
    var maps = maps
    for (id, reading) in host.dates {
      let now = value(of: id, at: reading)
      let isHosts = request.specification.flow == .running && billionths == 0
      let scaled = Int128(rate) * Int128(1_000_000_000 + billionths) << 32 / 1_000_000_000_000_000_000
      maps[id] =
        isHosts ? ClockMap(offset: now - reading) : ClockMap(from: reading, to: now, rate: UInt64(max(1, scaled)))
    }
    return VirtualClock(self, maps: maps, start: start)
  }

  private init(_ clock: VirtualClock, maps: [ClockID: ClockMap], start: Int64) {
    var request = clock.request
    if start != clock.start { request.specification.origin = .date(start) }
    self.init(maps: maps, start: start, request: request)
    progress = clock.progress
  }
}
