// SPDX-License-Identifier: Apache-2.0

import SimulatedKernel
import Testing
import VirtualTime

@Suite("Virtual clocks")
struct VirtualClockTests {
  /// A machine that has run for an hour and slept for a minute of it.
  private let host = HostInstant(
    realtime: 1_700_000_000_123_456_789, leapSeconds: 37, uptime: 3_540_000_000_000, rawUptime: 3_540_000_100_000,
    sleep: 60_000_000_000)

  private func readings(
    of clock: VirtualClock, after elapsed: Int64
  ) -> (realtime: Int64?, tai: Int64?, monotonic: Int64?, boottime: Int64?) {
    (
      clock.maps[.realtime]?.value(at: host.realtime + elapsed),
      clock.maps[.tai]?.value(at: host.realtime + 37_000_000_000 + elapsed),
      clock.maps[.monotonic]?.value(at: host.uptime + elapsed),
      clock.maps[.boottime]?.value(at: host.uptime + host.sleep + elapsed)
    )
  }

  @Test("starts virtual clocks where requested, and advances them as requested")
  func dates() throws {
    let second: Int64 = 1_000_000_000
    let date: Int64 = 2_147_483_640 * second
    for (text, start, rate) in [
      ("+3d", host.realtime + 259_200 * second, 1.0), ("-2h", host.realtime - 7200 * second, 1),
      ("@2147483640", date, 1), ("@2147483640 x10", date, 10), ("x0.5", host.realtime, 0.5), ("=@2147483640", date, 0),
    ] {
      let clock = try VirtualClock(TimeSpecification(text), at: host)
      #expect(clock.start == start)
      #expect(readings(of: clock, after: 0).realtime == start, "\(text)")
      #expect(readings(of: clock, after: 86_400 * second).realtime == start + Int64(86_400 * rate) * second, "\(text)")
      #expect(readings(of: clock, after: 0).monotonic == nil, "REALTIME alone by default: \(text)")
    }
  }

  @Test(
    "keeps the differences between virtual clocks if all are changed",
    arguments: ["+3d", "@2147483640", "x10", "x0.001", "="])
  func differences(text: String) throws {
    let clock = try VirtualClock(TimeSpecification(text), scope: .all, at: host)
    for elapsed: Int64 in [0, 1, 999, 1_000_000_007, 86_400_000_000_000] {
      let (realtime, tai, monotonic, boottime) = readings(of: clock, after: elapsed)
      #expect(tai! - realtime! == 37_000_000_000)
      #expect(boottime! - monotonic! == host.sleep)
      #expect(realtime! - monotonic! == host.realtime - host.uptime)
    }
  }

  @Test("never lets a virtual monotonic clock jump back")
  func noJumpBack() throws {
    let clock = try VirtualClock(TimeSpecification("@86400"), scope: .all, at: host)
    #expect(readings(of: clock, after: 5).realtime == 86_400_000_000_005)
    #expect(readings(of: clock, after: 5).monotonic == host.uptime + 5)
  }

  @Test("computes jumps of up to 291 years, and refuses monotonic clocks that would run past what a page represents")
  func longJumps() throws {
    let (first, last) = (
      try TimeRequest(TimeSpecification("@0"), scope: .all),
      try TimeRequest(TimeSpecification("@2261-12-31T00:00:00Z"), scope: .all)
    )
    let start = try VirtualClock(first, at: host)
    // As a session inside it sees the clocks.
    var inside = host
    inside.maps = start.maps
    for clock in [try VirtualClock(last, at: inside), try start.changed(to: last, at: host)] {
      #expect(readings(of: clock, after: 7).realtime == clock.start + 7)
      #expect(readings(of: clock, after: 7).monotonic == host.uptime + 7 + clock.start)
      let back = try clock.changed(to: first, at: host)
      #expect(throws: VirtualClockError(isDate: false)) { try back.changed(to: last, at: host) }
    }
  }

  @Test(
    "computes virtual clocks for readings of the host before the start, as in time namespaces",
    arguments: ["x2", "x0.5"])
  func readingsBeforeTheStart(text: String) throws {
    let clock = try VirtualClock(TimeSpecification(text), scope: .all, at: host)
    let map = try #require(clock.maps[.monotonic])
    let rate: Int64 = text == "x2" ? 2 : 1
    for elapsed: Int64 in [-1_000_000_000_000, -1_000_000_000, 0, 1_000_000_000] {
      #expect(map.value(at: host.uptime + elapsed) == host.uptime + (text == "x2" ? elapsed * rate : elapsed / 2))
    }
    #expect(map.value(at: 0) >= 0)
  }

  @Test("refuses virtual clocks that start before 1970 or after 2261", arguments: ["-60y", "+250y", "=-290y"])
  func range(text: String) throws {
    let specification = try TimeSpecification(text)
    #expect(throws: VirtualClockError.self) { try VirtualClock(specification, at: host) }
  }
}
