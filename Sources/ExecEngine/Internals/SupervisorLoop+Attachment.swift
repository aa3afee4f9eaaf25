// SPDX-License-Identifier: Apache-2.0

// A session whose first program ran before it, from the view of its supervisor.
//
// Assumes that it is the one thread of its process.

import CLinux
import Glibc
import TimePages

extension SupervisorLoop {
  /// Whether the task of a notification is of the session.
  func includes(_ notification: CallNotification) -> Bool {
    guard let attachment = context.attachment, notification.thread != 0 else { return true }
    return attachment.includes(notification.thread)
  }

  /// Answers a task that has the session's filter, but is not of the session: with the host's time, and the kernel's page.
  ///
  /// It may start sessions of its own.
  mutating func takeOthers(_ notification: CallNotification, _ listener: CallListener) {
    if notification.isOne(of: .executing), let request = SessionRequest(notification), request != .presence {
      return take(request, notification, listener)
    }
    listener.answer(notification, .proceed)
  }

  /// Takes note that a process leaves the session.
  mutating func noteDetached(_ notification: CallNotification, _ listener: CallListener) {
    guard let attachment = context.attachment else { return listener.answer(notification, .proceed) }
    let process = TaskStatus.process(of: notification.thread)
    if attachment.leave(process, listener.descriptor(of: notification)) { leaving[process] = nil }
    listener.answer(notification, .result(Int64(getpid())))
  }

  /// Milliseconds for which a process that is about to be detached isn't traced.
  private static let leavingTime: Int64 = 1000

  /// Lets the threads of a process go that wait in calls which were rewritten: it is about to be detached.
  mutating func leave(_ process: Int32) {
    leaving[process] = HostClock.uptime + Self.leavingTime * 1_000_000
    for thread in replaced.keys where TaskStatus.process(of: thread) == process { replaced[thread]?.leave() }
    injections[process]?.interrupt()
  }

  /// Whether the process of a task is about to be detached.
  func isLeaving(_ notification: CallNotification) -> Bool {
    guard !leaving.isEmpty, let end = leaving[TaskStatus.process(of: notification.thread)] else { return false }
    return HostClock.uptime < end
  }

  /// Deals with calls that have waited for that.
  mutating func retakeHeld() {
    guard !held.isEmpty else { return }
    let all = held
    held = []
    for notification in all {
      if isLeaving(notification) { held.append(notification) } else { take(notification) }
    }
    if held.isEmpty { leaving = [:] }
  }

  /// Ends the session if no process is on its page; says whether it does so now.
  func endsAttachment(isIdle: Bool) -> Bool {
    guard let attachment = context.attachment, !attachment.isOver, injections.isEmpty,
      attachment.isCheckDue(isIdle: isIdle), !linux_is_open_elsewhere(context.ownTimePage)
    else { return false }
    context.work?.end()
    attachment.end()
    return true
  }

  /// Starts a process that attaches to what enters the session's PID namespace, where there is none; says whether it does so now.
  func startsWatching() -> Bool {
    guard let attachment = context.attachment, let watch = attachment.watch, !attachment.isOver else { return false }
    let calls = attachment.calls ?? Supervisor.calls(follows: context.follows, context.interceptors)
    let filter = context.listener == nil ? [] : CallFilter(calls).instructions
    return watch.start(filter, timePage: supply.timePage)
  }

  /// Takes listening ends from it, or notices its end. The standby is to know both.
  mutating func takeWatchersMessage() {
    guard let attachment = context.attachment, let watch = attachment.watch else { return }
    switch watch.receive() {
    case .nothing: break
    case .listeners(let files):
      context.listener?.add(files)
      attachment.isNews = true
    case .end:
      context.listener?.add(watch.takeLeftListeners())
      attachment.isNews = true
    }
  }

  /// Whether something has changed that the standby is to know.
  func takesNews() -> Bool {
    guard let attachment = context.attachment, attachment.isNews else { return false }
    attachment.isNews = false
    return true
  }

  /// Deals with processes that take a filter over; says whether all filters now are other sessions'.
  func areFiltersGivenAway() -> Bool {
    guard let attachment = context.attachment, attachment.isOver, let listener = context.listener,
      context.inner.descriptors.isEmpty
    else { return false }
    if let given = attachment.offers.serve(listener.descriptors, context.interceptedCalls) {
      listener.remove(given)
      attachment.forget(given)
    }
    return listener.descriptors.isEmpty
  }
}
