// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
public import ExecEngine
public import TimePages
public import VirtualTime

/// Answers the system calls that bypass a session's page with the session's time, or counts them.
///
/// Calls that read a clock are answered; those that wait for a time are made with the host's time for it. One process uses it: the
/// session's supervisor.
public final class TimeAnswers {
  /// What becomes of the calls that wait for a time, and of those that read a clock which the page serves.
  public enum Mode: Sendable {
    /// They are the kernel's: its time is the host's. Only clocks that go on by steps are answered.
    case stepping
    /// They are too, and counted.
    case counting
    /// They see the session's time.
    case strict
  }

  /// How many calls of each name the kernel answered by the host's time.
  public private(set) var counts: [String: Int] = [:]
  private let mode: Mode
  private let scope: VirtualClock.Scope
  private let clock: () -> VirtualClock
  private let read: (ClockID, Int64) -> Int64
  private let origin = CallOrigin()

  /// Answers by what `clock` returns; `read` is asked for readings, and takes the clock's step.
  ///
  /// Clocks beyond `scope` are the host's in calls that bypass the page, as long as the session lives.
  public init(
    _ mode: Mode, scope: VirtualClock.Scope, clock: @escaping () -> VirtualClock,
    read: @escaping (ClockID, Int64) -> Int64
  ) {
    self.mode = mode
    self.scope = scope
    self.clock = clock
    self.read = read
  }

  /// The calls, and what becomes of each.
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

  /// Lets the kernel answer, and counts that.
  private func passed(_ name: String) -> CallAnswer {
    counts[name, default: 0] += 1
    return .proceed
  }
}
