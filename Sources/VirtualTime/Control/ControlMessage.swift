// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

// The text of a request: "get"; "set", the clocks, and the specification, where "-" lets the session choose the clocks; "record" and the
// number of the first change; or "leave" to attach no longer to processes that enter its PID namespace. The text of an answer: "ok", the
// clocks, the date in nanoseconds, for a session that has watched its PID namespace "entered" and six numbers, and the specification; a part
// of the record; or "error" and the reason.

/// A request to a session.
package enum ControlRequest: Hashable {
  case state
  case change(TimeSpecification, VirtualClock.Scope?)
  /// The changes so far, from one on.
  case record(from: Int)
  /// To attach no longer to processes that enter its PID namespace.
  case endWatching

  package init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 2)
    if text == "get" {
      self = .state
    } else if text == "leave" {
      self = .endWatching
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

  /// Whether it changes nothing, so that it can be made again.
  package var isQuestion: Bool {
    switch self {
    case .state, .record: true
    case .change, .endWatching: false
    }
  }

  package var text: String {
    switch self {
    case .state: "get"
    case .endWatching: "leave"
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

  /// What has become of processes that entered the session's PID namespace later; nil for a session that has watched none.
  public var entered: EnteredProcesses?

  public init(date: Int64, request: TimeRequest, entered: EnteredProcesses? = nil) {
    self.date = date
    self.request = request
    self.entered = entered
  }

  package init(answer text: String) throws(ControlError) {
    var words = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    var entered: EnteredProcesses?
    if words.count == 4, words[3].hasPrefix("entered ") {
      let rest = words[3].split(separator: " ", maxSplits: 7, omittingEmptySubsequences: false)
      entered = EnteredProcesses(words: rest.prefix(7))
      if rest.count == 8, entered != nil { words[3] = rest[7] } else { words = [] }
    }
    if words.count == 4, words[0] == "ok", let scope = VirtualClock.Scope(rawValue: String(words[1])),
      let date = Int64(words[2]), let specification = try? TimeSpecification(String(words[3]))
    {
      self.init(date: date, request: TimeRequest(specification, scope: scope), entered: entered)
      return
    }
    throw ControlError(unexpected: text)
  }

  package var answer: String {
    let words = ["ok", request.scope.rawValue, "\(date)", entered?.answer, request.specification.description]
    return words.compactMap { $0 }.joined(separator: " ")
  }
}
