// SPDX-License-Identifier: Apache-2.0

import ConsumerContract
import ELF

/// The consumers' rules that an image keeps, and those that it breaks.
struct LintReport: Encodable {
  struct Broken: Encodable {
    var rule: String
    var statement: String
    var finding: String
    var consumers: [ConsumerEffect]
  }

  var machine: String
  /// The word size: 32 or 64.
  var bits: Int
  /// The names of the rules that the image keeps.
  var kept: [String]
  var broken: [Broken]
  /// Functions of newer kernels that the image lacks, which breaks nothing.
  var absent: [Broken]

  init(_ image: borrowing ELFImage) {
    machine = image.header.machine.description
    bits = image.header.elfClass.wordSize * 8
    let violations = ConsumerContract.violations(in: image)
    func rows(isAbsence: Bool) -> [Broken] {
      violations.filter { $0.isAbsence == isAbsence }.map { violation in
        Broken(
          rule: violation.rule.name, statement: violation.rule.statement, finding: violation.finding,
          consumers: violation.rule.consumers)
      }
    }
    broken = rows(isAbsence: false)
    absent = rows(isAbsence: true)
    let isReadable = !violations.contains { $0.rule.name == "readable" }
    let names = Set(violations.map(\.rule.name))
    kept = isReadable ? ConsumerContract.rules.map(\.name).filter { !names.contains($0) } : []
  }

  func text(subject: String, _ style: TextStyle) -> String {
    let head =
      "\(subject), \(bits)-bit \(machine): \(kept.count) rules kept, \(broken.count) broken"
      + (absent.isEmpty ? "" : ", \(absent.count) of newer kernels")
    let rules = (broken + absent).map { broken in
      let effects = broken.consumers.map { "  \(mark($0.severity, style)) \($0.consumer): \($0.effect)" }
      return "\(style.red(broken.rule)): \(broken.statement) Here: \(broken.finding).\n"
        + effects.joined(separator: "\n")
    }
    return ([style.isColored && broken.isEmpty ? style.green(head) : head] + rules).joined(separator: "\n\n")
  }

  private func mark(_ severity: ConsumerEffect.Severity, _ style: TextStyle) -> String {
    switch severity {
    case .crash: style.red("crash")
    case .slow: "slow "
    case .tools: "tools"
    }
  }
}
