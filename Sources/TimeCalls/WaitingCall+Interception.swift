// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import VirtualTime

extension WaitingCall {
  private static let clocks: (date: [Int32], monotonic: [Int32]) = ([0, 8, 11], [1, 7, 9])
  // Operations of futex(2): FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2.
  private static let futexOperations: (span: UInt32, points: [UInt32], dates: [UInt32]) = (0, [9, 11, 13], [6])
  private static let operationMask: UInt32 = 0x7f
  /// SEMTIMEDOP of ipc(2), whose upper half is a version.
  private static let (semaphoreCall, callMask): (UInt32, UInt32) = (4, 0xffff)
  /// TIMER_ABSTIME, and TFD_TIMER_ABSTIME.
  private static let pointFlag: UInt32 = 1
  /// FUTEX_CLOCK_REALTIME.
  static let realtimeFlag: UInt32 = 0x100

  /// The calls to intercept if clocks of `scope` differ from the host's.
  ///
  /// Durations are MONOTONIC's, whatever clock a call names, so they are intercepted if MONOTONIC is changed. A futex wait without a
  /// timeout is not intercepted.
  func interceptedCalls(_ scope: VirtualClock.Scope) -> [InterceptedCall] {
    let isPointer = form != .milliseconds && !isAlarm
    let pointer = isPointer ? argument : nil
    func intercept(_ conditions: InterceptedCall.Condition...) -> InterceptedCall {
      InterceptedCall(abi, number, where: conditions, unlessNull: pointer)
    }
    let isPoint = InterceptedCall.Condition(argument: 1, mask: Self.pointFlag, value: Self.pointFlag)
    let ids = Self.clocks.date + (scope == .all ? Self.clocks.monotonic : [])
    switch meaning {
    case .span: return scope == .all ? [intercept()] : []
    case .interval: return scope == .all ? [intercept(.init(argument: 0, value: 0))] : []
    case .semaphores:
      return scope == .all ? [intercept(.init(argument: 0, mask: Self.callMask, value: Self.semaphoreCall))] : []
    case .date: return [intercept()]
    case .timerDescriptor, .timer:
      if scope == .all { return [intercept()] }
      return returnsRest ? [] : [intercept(isPoint)]
    case .sleep:
      let clocks = ids.map { InterceptedCall.Condition(argument: 0, value: UInt32($0)) }
      return clocks.map { scope == .all ? intercept($0) : intercept($0, isPoint) }
    case .point(let clock): return ids.map { intercept(.init(argument: clock, value: UInt32($0))) }
    case .futex:
      let (span, points, dates) = Self.futexOperations
      if scope == .all {
        return ([span] + points + dates).map { intercept(.init(argument: 1, mask: Self.operationMask, value: $0)) }
      }
      return dates.map { intercept(.init(argument: 1, mask: Self.operationMask, value: $0)) }
        + points.map {
          intercept(.init(argument: 1, mask: Self.operationMask | Self.realtimeFlag, value: $0 | Self.realtimeFlag))
        }
    }
  }

  private var returnsRest: Bool { if case .returned = form { true } else { false } }
  private var isAlarm: Bool { if case .alarm = form { true } else { false } }

  /// The clock of a call's time, and whether the time is a deadline; nil if the clock doesn't differ from the host's, or is unknown.
  func time(of notification: CallNotification) -> (clock: Int32, isPoint: Bool)? {
    guard let time = timeAsNamed(notification) else { return nil }
    let isSpan = !time.isPoint && (Self.clocks.date + Self.clocks.monotonic).contains(time.clock)
    return isSpan ? (1, false) : time
  }

  private func timeAsNamed(_ notification: CallNotification) -> (clock: Int32, isPoint: Bool)? {
    func word(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: notification.arguments[index]) }
    let isPoint = !returnsRest && word(1) & Self.pointFlag != 0
    switch meaning {
    case .span, .interval, .semaphores: return (1, false)
    case .date: return (0, true)
    case .sleep: return (Int32(bitPattern: word(0)), isPoint)
    case .point(let clock): return (Int32(bitPattern: word(clock)), true)
    case .futex:
      let operation = word(1) & Self.operationMask
      if operation == Self.futexOperations.span { return (1, false) }
      let isDate = word(1) & Self.realtimeFlag != 0 || Self.futexOperations.dates.contains(operation)
      return (isDate ? 0 : 1, true)
    case .timerDescriptor:
      return TimerClock.ofDescriptor(word(0), thread: notification.thread).map { ($0, isPoint) }
    case .timer: return TimerClock.ofTimer(word(0), thread: notification.thread).map { ($0, isPoint) }
    }
  }
}
