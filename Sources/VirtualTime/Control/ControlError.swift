// SPDX-License-Identifier: Apache-2.0

public import ProcessSupport

/// A session can't be reached, or refuses a request.
public struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line for people.
  public var description: String
  /// What the system refused; nil if the session refuses.
  public var system: SystemError?

  /// Says why the session refuses.
  public init(_ description: String) {
    self.description = description
  }

  init(_ error: SystemError) {
    description = error.description
    system = error
  }
}
