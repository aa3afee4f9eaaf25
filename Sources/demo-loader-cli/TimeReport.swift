// SPDX-License-Identifier: Apache-2.0

import Launcher
import VirtualTime

/// The time that a session's programs see, for people and for programs.
struct TimeReport: Encodable {
  var date: String
  var specification: String
  var clock: String
  var entered: EnteredReport?

  /// `process` is one of the session's, if known.
  init(_ state: SessionState, process: Int32?) {
    entered = state.entered.map {
      EnteredReport($0, below: process.map { Launcher.below(namespaceOf: $0) })
    }
    date = dateText(state.date)
    specification = state.request.specification.description
    clock = state.request.scope.rawValue
  }

  var text: String {
    "\(date), by \(specification), clock \(clock)" + (entered.map { "\nnamespace: \($0.text)" } ?? "")
  }

  var json: String {
    get throws { try JSONTree(self).text() }
  }
}
