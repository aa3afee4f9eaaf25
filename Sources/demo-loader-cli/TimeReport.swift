// SPDX-License-Identifier: Apache-2.0

import VirtualTime

/// The time that a session's programs see, for people and for programs.
struct TimeReport: Encodable {
  var date: String
  var specification: String
  var clock: String

  init(_ state: SessionState) {
    date = dateText(state.date)
    specification = state.request.specification.description
    clock = state.request.scope.rawValue
  }

  var text: String { "\(date), by \(specification), clock \(clock)" }

  var json: String {
    get throws { try JSONTree(self).text() }
  }
}
