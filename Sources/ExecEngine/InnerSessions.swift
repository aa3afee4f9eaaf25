// SPDX-License-Identifier: Apache-2.0

import Glibc
import TimePages

/// The sessions that programs of this session have started: which task belongs to which session, and the calls that are forwarded to their
/// supervisors.
///
/// A standby has a copy. Only one process at a time uses it: the supervisor.
final class InnerSessions {
  private struct Member {
    /// The number of its time page's file.
    let number: UInt64
    /// Whether all its programs belong to it, and not only the first one.
    let follows: Bool
    /// The process in which it was started, whose next execve belongs to it.
    let starter: Int32
    var isStarting = true
    let users: [UInt32]
    /// The number of nested pid namespaces from this process to it, including this process's.
    let depth: Int
    let channel: NestingChannel
    /// The request for it, and its end of the channel, as long as the request isn't answered.
    var request: (notification: CallNotification, end: Int32)?
    /// Notifications that were forwarded and aren't answered yet.
    var pending: [CallNotification] = []
    /// Notifications for which there was no space to forward them.
    var waiting: [CallNotification] = []
    var isLeaving = false

    /// Whether it may receive calls of a task with these users: only of its own user, unless it is the superuser's.
    func mayServe(_ users: [UInt32]) -> Bool {
      self.users.allSatisfy { $0 == 0 } || (!users.isEmpty && self.users == users)
    }
  }

  private var members: [Member] = []
  /// Sessions whose supervisor ended without a message that it disconnects, and the processes in which they were started. They may have no
  /// task any more; that is unknown until a task of theirs is met.
  private var lost: [(number: UInt64, starter: Int32)] = []
  private static let mostLost = 64
  /// The starter of the lost session of which a task was met.
  private var met: Int32?

  /// The process that started a session which has lost its supervisor but still has tasks; once for each session.
  func takeMet() -> Int32? {
    defer { met = nil }
    return met
  }

  /// The descriptors on which answers arrive.
  var descriptors: [Int32] { members.map { $0.channel.descriptor } }

  /// Whether there is a session that the standby must know before the session may continue.
  var hasNew: Bool { members.contains { $0.request != nil } }

  /// Whether notifications are to be forwarded as soon as there is space.
  var isWaiting: Bool { members.contains { !$0.waiting.isEmpty } }

  /// Adds a session that a task requests; the task waits until `welcome`. False if it isn't possible.
  func add(_ notification: CallNotification, number: UInt64, follows: Bool) -> Bool {
    // A session whose welcome was interrupted sends its request again.
    members.removeAll { member in
      guard member.number == number, member.channel.isHungUp else { return false }
      close(member.channel.descriptor)
      return true
    }
    guard let status = TaskStatus(of: notification.thread), let starter = status.process, !status.users.isEmpty,
      !members.contains(where: { $0.number == number }), let (outer, inner) = NestingChannel.pair()
    else { return false }
    members.append(
      Member(
        number: number, follows: follows, starter: starter, users: status.users, depth: status.numbers.count,
        channel: outer, request: (notification, inner)))
    return true
  }

  /// Answers the requests of new sessions, and sends them the list of forwarded calls.
  func welcome(_ listener: CallListener, _ calls: [InterceptedCall]) {
    for index in members.indices {
      guard let (notification, end) = members[index].request else { continue }
      members[index].request = nil
      members[index].channel.greet(calls)
      listener.answer(notification, withCopyOf: end)
      close(end)
    }
  }

  /// In a standby, which is a copy of the supervisor: leaves everything unanswered to the supervisor.
  func leaveUnanswered() {
    for index in members.indices {
      if let request = members[index].request { close(request.end) }
      members[index].request = nil
      (members[index].pending, members[index].waiting) = ([], [])
    }
  }

  /// The session to which a task belongs.
  enum Owner: Equatable {
    /// This session's.
    case outer
    /// The task starts a session, and is about to become its first program.
    case starter
    /// The session at this index.
    case inner(Int)
  }

  func owner(of notification: CallNotification) -> Owner {
    guard !members.isEmpty || !lost.isEmpty, let status = TaskStatus(of: notification.thread),
      var process = status.process
    else { return .outer }
    if let request = SessionRequest(notification) {
      guard let number = request.sessionOfTask else { return .outer }
      return session(where: { UInt32(truncatingIfNeeded: $0.number) == number }, status.users)
    }
    if notification.isExecution, let index = members.firstIndex(where: { $0.isStarting && $0.starter == process }) {
      members[index].isStarting = false
      return .starter
    }
    // A program that has no page, or can't be read, belongs to the session of the process that started it.
    for _ in 0..<Self.mostAncestors {
      if let number = SessionPage(ofProcess: process)?.time.session {
        if let index = lost.firstIndex(where: { $0.number == number }) { met = lost.remove(at: index).starter }
        return session(where: { $0.number == number }, status.users)
      }
      if members.contains(where: { !$0.isStarting && $0.starter == process }) {
        return session(where: { $0.starter == process }, status.users)
      }
      guard let parent = TaskStatus(of: process)?.parent, parent > 0 else { break }
      process = parent
    }
    return .outer
  }

  private static let mostAncestors = 64

  private func session(where matches: (Member) -> Bool, _ users: [UInt32]) -> Owner {
    members.firstIndex { matches($0) && $0.follows && $0.mayServe(users) }.map { .inner($0) } ?? .outer
  }

  /// Forwards a notification to the session at `index`.
  func handOn(_ notification: CallNotification, to index: Int) {
    if members[index].waiting.isEmpty, send(notification, to: index) {
      members[index].pending.append(notification)
    } else {
      members[index].waiting.append(notification)
    }
  }

  private func send(_ notification: CallNotification, to index: Int) -> Bool {
    let numbers = TaskStatus(of: notification.thread)?.numbers ?? []
    let depth = members[index].depth
    return members[index].channel.handOn(notification, thread: numbers.count >= depth ? numbers[depth - 1] : 0)
  }

  /// Takes the answers that have arrived, and forwards notifications for which there is space now. Returns the calls that this session must
  /// answer itself, because their own session is gone.
  func collect(_ listener: CallListener) -> [CallNotification] {
    var returned: [CallNotification] = []
    for index in members.indices.reversed() {
      while !members[index].waiting.isEmpty, send(members[index].waiting[0], to: index) {
        members[index].pending.append(members[index].waiting.removeFirst())
      }
      guard collect(listener, from: index) else { continue }
      let member = members.remove(at: index)
      close(member.channel.descriptor)
      returned += member.pending + member.waiting
      if member.follows && !member.isLeaving && !member.isStarting {
        lost = lost.suffix(Self.mostLost - 1) + [(member.number, member.starter)]
      }
    }
    return returned
  }

  /// Does the same for one session; true if its supervisor is gone.
  private func collect(_ listener: CallListener, from index: Int) -> Bool {
    func take(_ id: UInt64) -> CallNotification? {
      guard let place = members[index].pending.firstIndex(where: { $0.id == id }) else { return nil }
      return members[index].pending.remove(at: place)
    }
    while true {
      switch members[index].channel.receiveAnswer() {
      case .nothing: return false
      case .end: return true
      case .disconnect: members[index].isLeaving = true
      case .proceed(let id):
        if let notification = take(id) { listener.answer(notification, .proceed) }
      case .result(let id, let result):
        if let notification = take(id) { listener.answer(notification, .result(result)) }
      case .file(let id, let file):
        if let notification = take(id) { listener.answer(notification, withCopyOf: file) }
        close(file)
      }
    }
  }
}
