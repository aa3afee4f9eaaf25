// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// A process can't be attached to, or detached from: one line that says why, and what to do.
///
/// The process then goes on as it was before.
public struct AttachError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  /// Whether the reason may be gone at the next attempt, as when the process executes a program.
  var mayPass = false

  public init(_ description: String) {
    self.description = description
  }

  init(_ description: String, mayPass: Bool) {
    (self.description, self.mayPass) = (description, mayPass)
  }

  /// An error of the system, as its own line says it.
  init(_ error: some Error & CustomStringConvertible) {
    description = error.description
  }
}

/// Passes an error of a tracing call on as one of attaching.
func attempt<Result>(_ body: () throws(SystemError) -> Result) throws(AttachError) -> Result {
  do throws(SystemError) { return try body() } catch { throw AttachError(error) }
}
