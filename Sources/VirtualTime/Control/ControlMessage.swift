// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

// The text of a request: "get"; or "set", the clocks, and the specification, where "-" lets the session choose the clocks. The text of an
// answer: "ok", the clocks, the date in nanoseconds, and the specification; or "error" and the reason.

/// A request to a session.
package enum ControlRequest: Hashable {
  case state
  case change(TimeSpecification, VirtualClock.Scope?)

  package init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 2)
    if text == "get" {
      self = .state
    } else if words.count == 3, words[0] == "set", let specification = try? TimeSpecification(String(words[2])),
      words[1] == "-" || VirtualClock.Scope(rawValue: String(words[1])) != nil
    {
      self = .change(specification, VirtualClock.Scope(rawValue: String(words[1])))
    } else {
      return nil
    }
  }

  package var text: String {
    switch self {
    case .state: "get"
    case .change(let specification, let scope): "set \(scope?.rawValue ?? "-") \(specification.description)"
    }
  }
}

/// The time that a session's programs see.
public struct SessionState: Hashable, Sendable {
  /// The date, in nanoseconds since the epoch, when the session was asked.
  public var date: Int64
  /// The request that was made last.
  public var request: TimeRequest

  public init(date: Int64, request: TimeRequest) {
    self.date = date
    self.request = request
  }

  package init(answer text: String) throws(ControlError) {
    let words = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    if words.count == 4, words[0] == "ok", let scope = VirtualClock.Scope(rawValue: String(words[1])),
      let date = Int64(words[2]), let specification = try? TimeSpecification(String(words[3]))
    {
      self.init(date: date, request: TimeRequest(specification, scope: scope))
      return
    }
    // Another user may own the session, so its text isn't trusted.
    let reason = words.first == "error" ? String(text.dropFirst(6)).escapingControls : ""
    throw ControlError(
      reason.isEmpty ? "the session's answer can't be understood: start it with this version of demo-loader" : reason)
  }

  package var answer: String {
    "ok \(request.scope.rawValue) \(date) \(request.specification.description)"
  }
}
