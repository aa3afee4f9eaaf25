// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// The system refused an operation that the injection of pages needs.
public struct TaskError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was attempted, as in "cannot `operation`".
  public var operation: String
  /// The error number.
  public var errno: Int32
  /// Whether this process is left unfit to start a program by other means: under a filter on execve without a listener.
  public var isFinal = false

  public init(_ operation: String, errno: Int32) {
    self.operation = operation
    self.errno = errno
  }

  public var description: String { "cannot \(operation): \(SystemError.text(of: errno))" }
}
