// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

// The text of a request: "get"; "set", the clocks, and the specification, where "-" lets the session choose the clocks; "record" and the
// number of the first change; "entered" for the processes that entered its PID namespace; or "leave" to attach to them no longer. The text
// of an answer: "ok", the clocks, the date in nanoseconds, and the specification; a part of the record; "entered" and six numbers; or
// "error" and the reason.

/// A request to a session.
package enum ControlRequest: Hashable {
  case state
  case change(TimeSpecification, VirtualClock.Scope?)
  /// The changes so far, from one on.
  case record(from: Int)
  /// The processes that have entered its PID namespace; whether it is to attach to them no longer.
  case entered(ends: Bool)

  package init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 2)
    if text == "get" {
      self = .state
    } else if text == "entered" || text == "leave" {
      self = .entered(ends: text == "leave")
    } else if words.count == 2, words[0] == "record", let first = Int(words[1]), first >= 0 {
      self = .record(from: first)
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
    case .entered(let ends): ends ? "leave" : "entered"
    case .record(let first): "record \(first)"
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
    throw ControlError(unexpected: text)
  }

  package var answer: String {
    "ok \(request.scope.rawValue) \(date) \(request.specification.description)"
  }
}
