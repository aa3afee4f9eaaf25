// SPDX-License-Identifier: Apache-2.0

import VirtualTime

/// What has become of processes that entered a session's PID namespace later.
struct EnteredReport: Encodable {
  /// The number of the session, in a list of several ones.
  var session: UInt64?
  var attached: UInt64
  var ended: UInt64
  var refused: UInt64
  var unseen: UInt64
  var gaps: UInt64
  var isWatched: Bool
  /// How many processes of namespaces below it are on no page of ours; nil if that isn't known.
  var below: Int?

  init(_ entered: EnteredProcesses, below: Int?, session: UInt64? = nil) {
    (self.session, self.below) = (session, below)
    (attached, ended, refused) = (entered.attached, entered.ended, entered.refused)
    (unseen, gaps, isWatched) = (entered.unseen, entered.gaps, entered.isWatched)
  }

  var text: String {
    var parts = ["\(attached) attached later"]
    if ended > 0 { parts.append("\(ended) ended before that") }
    if refused > 0 { parts.append("\(refused) could not be attached to") }
    if unseen > 0 { parts.append("\(unseen) ended before it was seen whether they were in it") }
    if gaps > 0 { parts.append("reports of others were lost, \(gaps) times") }
    if let below, below > 0 { parts.append("\(below) in namespaces below it left out") }
    if !isWatched { parts.append("no longer watched") }
    return parts.joined(separator: ", ")
  }
}
