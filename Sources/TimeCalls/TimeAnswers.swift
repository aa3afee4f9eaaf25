// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
public import ExecEngine
public import TimePages
public import VirtualTime

/// Answers the system calls that bypass a session's page with the session's time, or counts them.
///
/// Calls that read a clock are answered. Calls that wait for a time are made with the host's time in place of the session's. Only one
/// process uses the value: the session's supervisor.
public final class TimeAnswers {
  /// What is done with calls that wait for a time, and with calls that read a clock which the page serves.
  public enum Mode: Sendable {
    /// They are left to the kernel and use the host's time. Only readings of stepped clocks are answered.
    case stepping
    /// The same, and they are counted.
    case counting
    /// They see the session's time.
    case strict
  }

  /// For each name, the number of calls that the kernel answered with the host's time.
  public private(set) var counts: [String: Int] = [:]
  private let mode: Mode
  private let scope: VirtualClock.Scope
  private let clock: () -> VirtualClock
  private let read: (ClockID, Int64) -> Int64
  private let origin = CallOrigin()

  /// Answers by the clock that `clock` returns. `read` gives a reading and takes the clock's step.
  ///
  /// For calls that bypass the page, clocks outside `scope` stay the host's as long as the session lives.
  public init(
    _ mode: Mode, scope: VirtualClock.Scope, clock: @escaping () -> VirtualClock,
    read: @escaping (ClockID, Int64) -> Int64
  ) {
    self.mode = mode
    self.scope = scope
    self.clock = clock
    self.read = read
  }

  /// The intercepted calls, and the answer to each.
  public var interceptor: CallInterceptor {
    let waiting = mode == .stepping ? [] : WaitingCall.all
    let calls = waiting.flatMap { $0.interceptedCalls(scope) } + ClockCall.all.flatMap { $0.interceptedCalls(scope) }
    return CallInterceptor(calls) { self.answer($0) }
  }

  private func answer(_ notification: CallNotification) -> CallAnswer {
    if let call = ClockCall.all.first(where: { $0.abi == notification.abi && $0.number == notification.number }) {
      return answer(notification, call)
    }
    guard let call = WaitingCall.all.first(where: { $0.abi == notification.abi && $0.number == notification.number }),
      let time = call.time(of: notification)
    else { return notification.answerIfUnread }
    let id = ClockID(rawValue: time.clock)
    let clock = clock()
    guard let map = clock.maps[id], time.isPoint ? !map.isIdentity : map.rate != ClockMap.unitRate else {
      return .proceed
    }
    let wait = Wait(notification, call, clock: clock, id: id, isPoint: time.isPoint)
    guard let replacement = wait.replacement else { return notification.answerIfUnread }
    guard mode == .strict else { return passed(call.name) }
    return .replace(replacement)
  }

  private func answer(_ notification: CallNotification, _ call: ClockCall) -> CallAnswer {
    let id = call.clock(of: notification)
    let clock = clock()
    guard let map = clock.maps[id], !map.isIdentity || clock.steppedClocks.contains(id) else { return .proceed }
    if !clock.steppedClocks.contains(id) {
      if origin.isVDSO(notification) { return .proceed }
      guard mode == .strict else { return passed(call.name) }
    }
    return call.answer(notification, read(id, HostClock.read(map.hostClock(of: id)).nanosecondsSinceEpoch))
  }

  /// Leaves the call to the kernel, and counts it.
  private func passed(_ name: String) -> CallAnswer {
    counts[name, default: 0] += 1
    return .proceed
  }
}
