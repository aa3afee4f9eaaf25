// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import TimePages
import VirtualTime

extension ClockCall {
  /// The calls to intercept if clocks of `scope` differ from the host's.
  func interceptedCalls(_ scope: VirtualClock.Scope) -> [InterceptedCall] {
    guard let clock else { return [InterceptedCall(abi, number)] }
    return ClockID.all.filter(scope.contains)
      .map { InterceptedCall(abi, number, where: [.init(argument: clock, value: UInt32($0.rawValue))]) }
  }

  /// The clock that a call reads.
  func clock(of notification: CallNotification) -> ClockID {
    if let clock { return ClockID(rawValue: Int32(truncatingIfNeeded: notification.arguments[clock])) }
    return isWholeSeconds ? .realtimeCoarse : .realtime
  }

  /// Stores a reading for the task as the kernel would.
  func answer(_ notification: CallNotification, _ nanoseconds: Int64) -> CallAnswer {
    let address = notification.arguments[destination]
    let mayBeMissing = clock == nil
    if address != 0 || !mayBeMissing {
      if let failure = notification.store(format.bytes(nanoseconds), at: address) { return failure }
    }
    if isWholeSeconds { return .result(nanoseconds / 1_000_000_000) }
    // gettimeofday also stores its obsolete time zone.
    if mayBeMissing, notification.arguments[1] != 0 {
      if let failure = notification.store([UInt8](repeating: 0, count: 8), at: notification.arguments[1]) {
        return failure
      }
    }
    return .result(0)
  }

  private var isWholeSeconds: Bool { format == .seconds32 || format == .seconds64 }
}
