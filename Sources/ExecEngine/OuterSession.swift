// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The session in which this process lives, where it starts one of its own.
///
/// The kernel lets one process intercept the calls of a tree: the outermost session's supervisor, which forwards what the tasks of the
/// sessions in it do, and gives them the answers.
public struct OuterSession: Hashable, Sendable {
  /// The end of a connection to its supervisor, owned by the value's user.
  let connection: Int32
  /// The supervisor, by the number that it has for itself.
  public let supervisor: Int32
  /// The calls that are forwarded.
  let calls: [InterceptedCall]

  /// The supervisor of this process, by its own number for itself; nil if there is none.
  public static var currentSupervisor: Int32? {
    let answer = linux_ask_supervisor(SessionRequest.presenceSubject, 0, 0)
    return answer > 0 ? Int32(clamping: answer) : nil
  }

  /// A descriptor of the time page of the session that this process is in, whose file has that number, closed on exec and owned by the
  /// caller; nil if its supervisor gives none.
  public static func timePage(number: UInt64) -> Int32? {
    let answer = linux_ask_supervisor(SessionRequest.timePageSubject, number, 0)
    return answer >= 0 ? Int32(clamping: answer) : nil
  }

  /// Asks the supervisor of this process to forward what the programs of a session of its own do, whose time page's file has
  /// that number, from the next execve of this process on; nil if there is none.
  ///
  /// Where the session doesn't `follow`, that execve alone is none of the outer session's.
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

  /// Leaves it: the next execve of this process is the outer session's again.
  public func leave() { close(connection) }

  /// Those of `wanted` that aren't intercepted.
  public func unintercepted(_ wanted: [InterceptedCall]) -> [InterceptedCall] {
    wanted.filter { call in !calls.contains { $0.covers(call) } }
  }
}

extension InterceptedCall {
  /// Whether every call that `other` is about is one of these.
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
