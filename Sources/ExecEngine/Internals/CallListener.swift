// SPDX-License-Identifier: Apache-2.0

// The listening end of a filter on system calls.
//
// Assumes: instructions that are passed to the kernel are an array that lives through the call; one process at a time handles
// notifications.

import CLinux
import Glibc
import ProcessSupport

/// Receives and answers every intercepted system call of a process tree.
///
/// When a notification has been received, the kernel keeps the task waiting for the descriptor's holder to answer it by its id.
struct CallListener {
  /// The descriptors of the listening ends: of one filter, or of those of processes that were attached to together; or that of the
  /// connection to the holder.
  private final class Ends {
    /// All that were there so far, in the same order in each process that listens.
    var all: [Int32]
    var descriptors: [Int32]

    init(_ descriptors: [Int32]) {
      all = descriptors
      self.descriptors = descriptors
    }
  }

  private let ends: Ends
  /// The channel to the supervisor that forwards calls, if the filter is another session's.
  private let outer: NestingChannel?
  private let table: PendingNotifications

  /// Installs a filter that makes this process and all its descendants wait in the intercepted calls. Returns the listener's descriptor, or
  /// a negated error number.
  static func listen(by filter: CallFilter, mayGiveUpRights: Bool) -> Int32 {
    unsafe filter.instructions.withUnsafeBufferPointer { instructions in
      unsafe linux_listen_for_calls(instructions.baseAddress, instructions.count, mayGiveUpRights)
    }
  }

  init(_ descriptors: [Int32], _ table: PendingNotifications) {
    ends = Ends(descriptors)
    self.table = table
    outer = nil
  }

  /// Receives calls that the supervisor of another session forwards.
  init(handedOnBy outer: OuterSession, _ table: PendingNotifications) {
    ends = Ends([outer.connection])
    self.table = table
    self.outer = NestingChannel(descriptor: outer.connection)
  }

  /// What to wait for.
  var descriptors: [Int32] { ends.descriptors }

  /// Adds listening ends, which it owns from now on.
  func add(_ descriptors: [Int32]) {
    ends.all += descriptors
    ends.descriptors += descriptors
  }

  /// Closes a listening end: another process has it, or no task has its filter.
  func remove(_ descriptor: Int32) {
    ends.descriptors.removeAll { $0 == descriptor }
    linux_close(descriptor)
  }

  /// Whether no task has one of the filters.
  var isOver: Bool {
    SupervisorDescriptors.wait(for: descriptors, 0).allSatisfy { $0 & Int32(POLLHUP) != 0 }
  }

  /// Whether a task waits that no notification was taken of.
  var isAsked: Bool { SupervisorDescriptors.wait(for: descriptors, 0).contains { $0 & Int32(POLLIN) != 0 } }

  /// Whether one more notification can be received.
  var hasRoom: Bool { table.freePlace != nil }

  /// The next task that waits in an intercepted call, or nil if it is gone.
  func receive(from descriptor: Int32) -> CallNotification? {
    guard let place = table.freePlace, let end = ends.all.firstIndex(of: descriptor) else { return nil }
    return table.receive(from: descriptor, end, at: place, isHandedOn: outer != nil)
  }

  /// The descriptor of the listening end that a notification came from.
  func descriptor(of notification: CallNotification) -> Int32 { ends.all[notification.end] }

  /// The received notifications that are still unanswered, whichever process has received them.
  func unanswered() -> [CallNotification] {
    for notification in table.notifications
    where outer == nil && linux_check_waiting(descriptor(of: notification), notification.id) != 0 {
      table.remove(at: notification.place)
    }
    return table.notifications
  }

  /// Ends the wait. It is no error if the task is gone meanwhile.
  func answer(_ notification: CallNotification, _ answer: CallAnswer) {
    defer { table.remove(at: notification.place) }
    if let outer { return outer.answer(notification, answer) }
    switch answer {
    case .proceed, .passed, .replace: _ = linux_continue_call(descriptor(of: notification), notification.id)
    case .result(let result): _ = linux_answer_call(descriptor(of: notification), notification.id, result)
    }
  }

  /// Whether the task still waits. If so, the memory that was read was really its own.
  func isWaiting(_ notification: CallNotification) -> Bool {
    outer != nil || linux_check_waiting(descriptor(of: notification), notification.id) == 0
  }

  /// Ends the call with a copy of a descriptor as its result, or with the error.
  func answer(_ notification: CallNotification, withCopyOf file: Int32, as wish: DescriptorWish = .anywhere) {
    if let outer {
      outer.answer(notification, withCopyOf: file)
      return table.remove(at: notification.place)
    }
    let listener = descriptor(of: notification)
    let result =
      switch wish {
      case .anywhere: linux_answer_call_with_descriptor(listener, notification.id, file, 0)
      case .inTwoSteps(let number): linux_answer_call_with_descriptor(listener, notification.id, file, number)
      case .atOnce(let number): linux_answer_call_with_descriptor_at_once(listener, notification.id, file, number)
      }
    guard result < 0 else {
      return table.remove(at: notification.place)
    }
    answer(notification, .result(Int64(result)))
  }

  /// Sends the outer supervisor the message that no task is left.
  func leave() { outer?.leave() }
}
