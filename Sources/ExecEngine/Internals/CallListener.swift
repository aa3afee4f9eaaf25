// SPDX-License-Identifier: Apache-2.0

// The listening end of a filter on system calls.
//
// Assumes: instructions handed to the kernel are an array that lives through the call; one process at a time deals with
// notifications.

import CLinux

/// Hears of every intercepted system call of a tree of processes, and answers each.
///
/// The kernel keeps a task that was taken notification of waiting for the holder of the descriptor, by the notification's id.
struct CallListener {
  /// The descriptor of the filter's listening end, or of the connection to its holder.
  let descriptor: Int32
  /// The way to the supervisor that hands calls on, where the filter is another session's.
  private let outer: NestingChannel?
  private let table: PendingNotifications

  /// Has this process and all descendants wait where the filter says: the listening end, or an error number negated.
  static func listen(by filter: CallFilter, mayGiveUpRights: Bool) -> Int32 {
    unsafe filter.instructions.withUnsafeBufferPointer { instructions in
      unsafe linux_listen_for_calls(instructions.baseAddress, instructions.count, mayGiveUpRights)
    }
  }

  init(descriptor: Int32, _ table: PendingNotifications) {
    self.descriptor = descriptor
    self.table = table
    outer = nil
  }

  /// Receives calls that the supervisor of another session forwards.
  init(handedOnBy outer: OuterSession, _ table: PendingNotifications) {
    descriptor = outer.connection
    self.table = table
    self.outer = NestingChannel(descriptor: descriptor)
  }

  /// Whether one more task may be taken notification of.
  var hasRoom: Bool { table.freePlace != nil }

  /// The next task that waits in a intercepted call, or nil if it is gone.
  func receive() -> CallNotification? {
    table.freePlace.flatMap { table.receive(from: descriptor, at: $0, isHandedOn: outer != nil) }
  }

  /// The tasks that wait for an answer to what some process received.
  func unanswered() -> [CallNotification] {
    for notification in table.notifications where outer == nil && linux_check_waiting(descriptor, notification.id) != 0
    {
      table.remove(at: notification.place)
    }
    return table.notifications
  }

  /// Ends the wait; a task that is gone meanwhile gives no error.
  func answer(_ notification: CallNotification, _ answer: CallAnswer) {
    defer { table.remove(at: notification.place) }
    if let outer { return outer.answer(notification, answer) }
    switch answer {
    case .proceed, .passed, .replace: _ = linux_continue_call(descriptor, notification.id)
    case .result(let result): _ = linux_answer_call(descriptor, notification.id, result)
    }
  }

  /// Whether the task still waits: what has been read of its memory was its own.
  func isWaiting(_ notification: CallNotification) -> Bool {
    outer != nil || linux_check_waiting(descriptor, notification.id) == 0
  }

  /// Ends the call with a copy of a descriptor as its result, or lets it fail.
  func answer(_ notification: CallNotification, withCopyOf file: Int32) {
    if let outer {
      outer.answer(notification, withCopyOf: file)
      return table.remove(at: notification.place)
    }
    guard linux_answer_call_with_descriptor(descriptor, notification.id, file) < 0 else {
      return table.remove(at: notification.place)
    }
    answer(notification, .proceed)
  }

  /// Tells the outer supervisor that no task is left.
  func leave() { outer?.leave() }
}
