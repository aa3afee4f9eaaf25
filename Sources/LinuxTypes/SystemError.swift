// SPDX-License-Identifier: Apache-2.0

/// The system refused an operation.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation that failed, as it follows "cannot".
  public var operation: String
  /// The number of the error.
  public var errno: Errno
  /// What to do about it; nil if nothing is known.
  public var hint: String?

  public init(_ operation: String, errno: Errno, hint: String? = nil) {
    self.operation = operation
    self.errno = errno
    self.hint = hint
  }

  /// One line for people. If too few descriptors are allowed, it names the limit in place of the hint, because nothing else helps.
  public var description: String {
    "cannot \(operation): \(errno)" + ((errno.exceededLimit ?? hint).map { "; \($0)" } ?? "")
  }
}
