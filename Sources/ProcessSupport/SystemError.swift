// SPDX-License-Identifier: Apache-2.0

// What the system says of its errors.
//
// Assumes of the texts of error numbers what C does: null-terminated, and valid until this thread asks for the next.

import CLinux

/// The system refused an operation.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was attempted, as in "cannot `operation`".
  public var operation: String
  /// The error number. The corresponding C variable is `errno`.
  public var errno: Int32

  public init(_ operation: String, errno: Int32) {
    self.operation = operation
    self.errno = errno
  }

  public var description: String { "cannot \(operation): \(Self.text(of: errno))" }

  /// What libc says of an error number. The corresponding C function is `strerror`.
  public static func text(of number: Int32) -> String { unsafe String(cString: linux_error_text(number)) }
}
