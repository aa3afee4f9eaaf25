// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A task's request to its supervisor, made by an execve that executes nothing, which only a supervisor understands.
package enum SessionRequest: Hashable {
  /// The descriptor of its session's time page. The lower half of its number identifies the session.
  case timePage(session: UInt32, DescriptorWish)
  /// A report that a call of the list at that address in the task has failed.
  case failure(session: UInt32, list: UInt64)
  /// A request to serve the programs of a new session with that number.
  case session(number: UInt64, follows: Bool)
  /// A request whether there is a supervisor.
  case presence
  /// A message that its process has left the session's page, and the question which process answers its calls from now on.
  case detached

  package static let mark = UInt64(LINUX_REQUEST_MARK)
  /// The third argument: "left".
  package static let detachedSubject: UInt64 = 0x6c65_6674
  /// Those of the others: "time", "nest", "here", "fail".
  static let (timePageSubject, sessionSubject, presenceSubject): (UInt64, UInt64, UInt64) = (
    0x7469_6d65, 0x6e65_7374, 0x6865_7265
  )
  static let failureSubject: UInt64 = 0x6661_696c

  /// The session whose page the task is to get, by the lower half of its number; nil for a request of another kind.
  var sessionOfTask: UInt32? {
    switch self {
    case .timePage(let session, _), .failure(let session, _): session
    case .session, .presence, .detached: nil
    }
  }

  init?(_ notification: CallNotification) {
    let arguments = notification.arguments
    guard arguments[0] == 0, arguments[1] == Self.mark else { return nil }
    switch arguments[2] {
    case Self.timePageSubject:
      self = .timePage(session: UInt32(truncatingIfNeeded: arguments[3]), DescriptorWish(word: arguments[4]))
    case Self.failureSubject:
      self = .failure(session: UInt32(truncatingIfNeeded: arguments[3]), list: arguments[4])
    case Self.sessionSubject: self = .session(number: arguments[3], follows: arguments[4] & 1 != 0)
    case Self.presenceSubject: self = .presence
    case Self.detachedSubject: self = .detached
    default: return nil
    }
  }
}

/// How a task wants to receive a descriptor.
package enum DescriptorWish: Hashable {
  /// As any number, which the request returns.
  case anywhere
  /// As the descriptor of that number, by one step. If that is interrupted, the task may be answered without it.
  case atOnce(Int32)
  /// As the descriptor of that number, before it is answered.
  case inTwoSteps(Int32)

  private static let two: UInt64 = 1 << 31

  /// Its argument in a request, 32 bits.
  var word: UInt64 {
    switch self {
    case .anywhere: 0
    case .atOnce(let number): UInt64(number)
    case .inTwoSteps(let number): UInt64(number) | Self.two
    }
  }

  init(word: UInt64) {
    let number = Int32(truncatingIfNeeded: word & (Self.two - 1))
    self = number == 0 ? .anywhere : word & Self.two == 0 ? .atOnce(number) : .inTwoSteps(number)
  }
}
