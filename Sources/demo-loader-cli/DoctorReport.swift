// SPDX-License-Identifier: Apache-2.0

import ClockDoctor

/// A diagnosis, and the facts that it is based on.
struct DoctorReport: Encodable {
  var facts: ClockFacts
  var diagnosis: Diagnosis
  /// The features of demo-loader that work here, and those that don't.
  var sessions: [SessionTrial]

  func text(_ style: TextStyle) -> String {
    let table = Table.text(
      columns: ["call", "here, ns", "trap, ns", ""],
      rows: facts.calls.map { call in
        [
          call.call, Table.number(call.nanoseconds, decimals: 1), Table.number(call.trapNanoseconds, decimals: 1),
          call.traps ? "traps" : "",
        ]
      })
    let findings = diagnosis.findings.map { finding in
      let mark =
        switch finding.severity {
        case .good: style.green("good")
        case .note: "note"
        case .slow: style.red("slow")
        }
      let advice = finding.advice.map { "\n      do: \($0)" } ?? ""
      return "\(mark)  \(finding.finding)\(advice)"
    }
    return "Linux \(facts.kernel), \(facts.architecture)\n\n\(table)\n\n\(findings.joined(separator: "\n"))"
      + (sessions.isEmpty ? "" : "\n\nWhat demo-loader can do here:\n\(SessionTrials.text(sessions, style))")
  }
}
