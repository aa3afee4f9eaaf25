// SPDX-License-Identifier: Apache-2.0

public import ProcessSupport

/// Why a session can't be reached, or refuses a request.
public struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line for people.
  public var description: String
  /// The system's error; nil if the session itself refuses.
  public var system: SystemError?

  /// Takes the reason why the session refuses.
  public init(_ description: String) {
    self.description = description
  }

  /// An answer that isn't what was asked for: a reason why not, or unknown.
  init(unexpected answer: String) {
    // The session may be another user's.
    let reason = answer.hasPrefix("error ") ? String(answer.dropFirst(6)).escapingControls : ""
    self.init(
      reason.isEmpty ? "the session's answer can't be understood: start it with this version of demo-loader" : reason)
  }

  init(_ error: SystemError) {
    description = error.description
    system = error
  }
}
