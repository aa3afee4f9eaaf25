import ClockDoctor

/// A diagnosis with the facts that it rests on.
struct DoctorReport: Encodable {
  var facts: ClockFacts
  var diagnosis: Diagnosis

  func text(_ style: TextStyle) -> String {
    let table = Table.text(
      columns: ["call", "here, ns", "trap, ns", ""],
      rows: facts.calls.map { call in
        [call.call, Self.text(call.nanoseconds), Self.text(call.trapNanoseconds), call.traps ? "traps" : ""]
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
  }

  private static func text(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
