// SPDX-License-Identifier: Apache-2.0

import CLinux
import ProcessSupport

/// A session can't be reached, or refuses a request.
public struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  /// The error number where the system refused something, else 0.
  public var errno: Int32

  /// Says why the session refuses.
  public init(_ description: String) {
    self.description = description
    errno = 0
  }

  /// Says that the system refused what is attempted, as in "cannot `operation`".
  init(_ operation: String, errno: Int32) {
    description = "cannot \(operation): \(SystemError.text(of: errno))"
    self.errno = errno
  }
}
