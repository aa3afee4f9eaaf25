// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What a task requests of its supervisor by an execve of nothing, which only a supervisor understands.
enum SessionRequest: Hashable {
  /// The descriptor of its session's time page. The lower half of its number identifies the session.
  case timePage(session: UInt32)
  /// To serve the programs of a session of its own, of that number.
  case session(number: UInt64, follows: Bool)
  /// Whether it has a supervisor.
  case presence

  static let mark = UInt64(LINUX_REQUEST_MARK)
  /// The third arguments: "time", "nest", "here".
  static let (timePageSubject, sessionSubject, presenceSubject): (UInt64, UInt64, UInt64) = (
    0x7469_6d65, 0x6e65_7374, 0x6865_7265
  )

  init?(_ notification: CallNotification) {
    let arguments = notification.arguments
    guard arguments[0] == 0, arguments[1] == Self.mark else { return nil }
    switch arguments[2] {
    case Self.timePageSubject: self = .timePage(session: UInt32(truncatingIfNeeded: arguments[3]))
    case Self.sessionSubject: self = .session(number: arguments[3], follows: arguments[4] & 1 != 0)
    case Self.presenceSubject: self = .presence
    default: return nil
    }
  }
}
