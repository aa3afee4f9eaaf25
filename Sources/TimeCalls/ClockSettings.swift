// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
public import ExecEngine
import Glibc
import TimePages
import VirtualTime

/// Sets the time of a session when its programs set the clock; the machine's clock stays as it is.
///
/// The session's user may set it, and so may processes that may set the machine's clock. Only one process uses the value: the session's
/// supervisor.
public final class ClockSettings {
  /// The operations on the session's clock.
  public struct Effects {
    /// The date of the clock, in nanoseconds since the epoch.
    public var date: () -> Int64
    /// Sets the date; false if a page can't represent it.
    public var set: (_ date: Int64) -> Bool
    /// Moves the date by nanoseconds, and TAI by whole seconds in addition; false if a page can't represent the result.
    public var shift: (_ nanoseconds: Int64, _ leapSeconds: Int64) -> Bool
    /// Makes the date go faster than the requested rate, by `billionths` of it; false if the date must go at the host's rate.
    public var slew: (_ billionths: Int64) -> Bool

    public init(
      date: @escaping () -> Int64, set: @escaping (Int64) -> Bool, shift: @escaping (Int64, Int64) -> Bool,
      slew: @escaping (Int64) -> Bool
    ) {
      (self.date, self.set, self.shift, self.slew) = (date, set, shift, slew)
    }
  }

  /// CAP_SYS_TIME.
  private static let capability: UInt64 = 1 << 25
  private let user: UInt32
  private let effects: Effects
  private let shared: SharedRecord<Discipline>

  /// Makes the settings for a session of `user`. If `isHosts` is true, the clock starts with the host's discipline, else with that of a
  /// clock that was never set.
  public init(user: UInt32, isHosts: Bool, _ effects: Effects) {
    self.user = user
    self.effects = effects
    shared = SharedRecord(isHosts ? .host : Discipline())
  }

  /// The intercepted calls, and the answer to each.
  public var interceptor: CallInterceptor {
    CallInterceptor(SettingCall.all.map { $0.intercepted }) { self.answer($0) }
  }

  /// Milliseconds until `settle` is due; nil if it isn't.
  public var patience: Int32? { shared.value.patience(at: HostClock.uptime) }

  /// Ends the slewing of an offset that has been applied completely.
  public func settle() {
    var discipline = shared.value
    guard discipline.settle(at: HostClock.uptime) else { return }
    shared.value = discipline
    _ = effects.slew(discipline.billionths)
  }

  private func answer(_ notification: CallNotification) -> CallAnswer {
    guard let call = SettingCall.all.first(where: { $0.abi == notification.abi && $0.number == notification.number })
    else { return .proceed }
    switch call.kind {
    case .date(let format, let argument): return setDate(notification, format, notification.arguments[argument], call)
    case .discipline(let format, let argument):
      return discipline(notification, format, notification.arguments[argument])
    }
  }

  private func setDate(
    _ notification: CallNotification, _ format: TimeFormat, _ address: UInt64, _ call: SettingCall
  ) -> CallAnswer {
    // This settimeofday has only a time zone, which belongs to the machine: it changes nothing.
    if address == 0 && !call.namesClock && format.hasFraction { return refusal(notification) ?? .result(0) }
    let bytes = ProcessMemory(pid: notification.thread).bytes(at: address, count: format.byteCount)
    guard bytes.count == format.byteCount else { return unread(notification) }
    guard let date = format.nanoseconds(bytes[...]), date >= HostClock.uptime else { return .result(-Int64(EINVAL)) }
    if let refusal = refusal(notification) { return refusal }
    return effects.set(date) ? .result(0) : .result(-Int64(EINVAL))
  }

  private func discipline(_ notification: CallNotification, _ format: TimexFormat, _ address: UInt64) -> CallAnswer {
    let bytes = ProcessMemory(pid: notification.thread).bytes(at: address, count: format.byteCount)
    guard bytes.count == format.byteCount else { return unread(notification) }
    var state = shared.value
    _ = state.settle(at: HostClock.uptime)
    let before = state.billionths
    let request = DisciplineRequest(bytes, format)
    if request.sets, let refusal = refusal(notification) { return refusal }
    guard request.isValid else { return .result(-Int64(EINVAL)) }
    // The offset of adjtime is in microseconds, whatever the unit of other fields.
    let told = state.remaining / 1000
    let step = request.step
    let leapSeconds = state.apply(request, at: HostClock.uptime)
    if state.billionths != before, !effects.slew(state.billionths) { return .result(-Int64(EINVAL)) }
    if step != 0 || leapSeconds != 0 {
      guard effects.shift(step, leapSeconds) else {
        if state.billionths != before { _ = effects.slew(before) }
        return .result(-Int64(EINVAL))
      }
    }
    shared.value = state
    let answer = state.bytes(format, request, date: effects.date(), offset: request.isAdjtime ? told : state.offset)
    if let failure = notification.store(answer, at: address) { return failure }
    return .result(state.isUnsynchronized ? 5 : 0)
  }

  /// The answer to a call whose arguments can't be read. The kernel makes the call, unless it would set the machine's clock.
  private func unread(_ notification: CallNotification) -> CallAnswer {
    if case .proceed = notification.answerIfUnread { return .result(-Int64(EFAULT)) }
    return (TaskStatus(of: notification.thread)?.effectiveCapabilities ?? 0) & Self.capability == 0
      ? notification.answerIfUnread : .result(-Int64(EPERM))
  }

  /// The error for a process that may not set the clock; nil for a process that may.
  private func refusal(_ notification: CallNotification) -> CallAnswer? {
    guard let status = TaskStatus(of: notification.thread),
      status.effectiveUser == user || status.effectiveCapabilities & Self.capability != 0
    else { return .result(-Int64(EPERM)) }
    return nil
  }
}
