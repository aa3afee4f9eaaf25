// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The session in which this process lives, when it starts a session of its own.
///
/// The kernel lets one process intercept the calls of a tree: the outermost session's supervisor. It forwards the calls of inner sessions'
/// tasks, and returns the answers to them.
public struct OuterSession: Hashable, Sendable {
  /// The end of a connection to its supervisor, owned by the value's user.
  let connection: Int32
  /// The supervisor's process id in its own PID namespace.
  public let supervisor: Int32
  /// The calls that are forwarded.
  let calls: [InterceptedCall]

  /// The supervisor of this process, by its process id in its own PID namespace; nil if there is none.
  public static var currentSupervisor: Int32? {
    let answer = linux_ask_supervisor(SessionRequest.presenceSubject, 0, 0)
    return answer > 0 ? Int32(clamping: answer) : nil
  }

  /// A descriptor of the time page of this process's session, closed on exec and owned by the caller; `number` is the number of the page's
  /// file. Nil if the supervisor returns none.
  public static func timePage(number: UInt64) -> Int32? {
    let answer = linux_ask_supervisor(SessionRequest.timePageSubject, number, 0)
    return answer >= 0 ? Int32(clamping: answer) : nil
  }

  /// Asks the supervisor of this process to forward the calls of programs of a new session, from this process's next execve on; `number` is
  /// the file number of the new session's time page. Nil if there is no supervisor.
  ///
  /// If the session doesn't `follow`, only that execve belongs to it.
  public static func join(number: UInt64, follows: Bool) -> OuterSession? {
    let connection = linux_ask_supervisor(SessionRequest.sessionSubject, number, follows ? 1 : 0)
    guard connection >= 0 else { return nil }
    guard let session = OuterSession(connection: Int32(connection)) else {
      close(Int32(connection))
      return nil
    }
    return session
  }

  private init?(connection: Int32) {
    guard let greeting = NestingChannel(descriptor: connection).receiveGreeting() else { return nil }
    self.connection = connection
    (supervisor, calls) = (greeting.supervisor, greeting.calls)
  }

  /// Leaves the new session: the next execve of this process belongs to the outer session again.
  public func leave() { close(connection) }

  /// The calls in `wanted` that aren't intercepted.
  public func unintercepted(_ wanted: [InterceptedCall]) -> [InterceptedCall] { wanted.uncovered(by: calls) }
}

extension [InterceptedCall] {
  /// The calls that `calls` doesn't cover.
  func uncovered(by calls: [InterceptedCall]) -> [InterceptedCall] {
    filter { call in !calls.contains { $0.covers(call) } }
  }
}

extension InterceptedCall {
  /// Whether these calls include every call that `other` selects.
  func covers(_ other: InterceptedCall) -> Bool {
    guard abi == other.abi, number == other.number, pointer == nil || pointer == other.pointer else {
      return false
    }
    return conditions.allSatisfy { wide in
      other.conditions.contains {
        $0.argument == wide.argument && $0.mask & wide.mask == wide.mask && $0.value & wide.mask == wide.value
      }
    }
  }
}
