// SPDX-License-Identifier: Apache-2.0

import Glibc
import TimePages
import TimeCalls
import VirtualTime

extension Session {
  /// How system calls that set the machine's clock change the session's clock; nil if they are left to the kernel.
  func settings(_ options: RunOptions) -> ClockSettings? {
    guard options.follow != false, !options.setsHostClock, options.time != nil || options.control != nil else {
      return nil
    }
    return ClockSettings(
      user: geteuid(), isHosts: !options.isDeterministic,
      .init(
        date: { self.read(.realtime, at: HostClock.read(.realtime).nanosecondsSinceEpoch) }, set: { self.set($0) },
        shift: { self.shift(by: $0, leapSeconds: $1) },
        slew: { self.slew(by: $0) }))
  }

  /// Sets the date, also for the coarse clocks, as a kernel does.
  private func set(_ date: Int64) -> Bool {
    let coarse = HostClock.read(clock.hostClock(of: .realtimeCoarse)).nanosecondsSinceEpoch
    let (distance, overflow) = date.subtractingReportingOverflow(clock.value(of: .realtimeCoarse, at: coarse))
    return !overflow && shift(by: distance, leapSeconds: 0)
  }

  private func slew(by billionths: Int64) -> Bool {
    let next = clock.slewed(by: billionths, at: .now())
    guard !movesFileTimes || next.fileTimeOffset != nil else { return false }
    replace(by: next)
    return true
  }

  private func shift(by nanoseconds: Int64, leapSeconds: Int64) -> Bool {
    guard let next = clock.shifted(by: nanoseconds, leapSeconds: leapSeconds, at: .now()) else { return false }
    replace(by: next)
    return true
  }
}
