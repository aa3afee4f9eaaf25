// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedKernel
import TestSupport
import Testing

/// A call with two different results.
private struct Difference: Hashable, Comparable, CustomStringConvertible {
  let call: String
  let kernel: String
  let simulated: String

  var description: String { "`\(call)`: GNU Mach \(kernel), simulated \(simulated)" }

  static func < (a: Difference, b: Difference) -> Bool { a.description < b.description }
}

/// GNU Mach's own results are recorded in Tests/Fixtures/mach/claims.txt; `make mach` compares them with the kernel.
@Suite("Simulated tasks compared with GNU Mach")
struct MachClaimTests {
  private func lines(of path: String) throws -> [Substring] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
  }

  /// The recorded results, call by call.
  private func recorded() throws -> [(call: Substring, answer: String)] {
    try lines(of: Fixtures.path("mach/claims.txt")).filter { $0.first != "#" }.map { line in
      let parts = line.split(separator: " -> ", maxSplits: 1)
      return (parts[0], String(try #require(parts.count == 2 ? parts[1] : nil, "\(line) has no answer")))
    }
  }

  private func differences(of answers: [(call: Substring, answer: String)]) -> [Difference] {
    var claims = MachClaims()
    return answers.compactMap { call, answer in
      let simulated = claims.answer(call)
      return simulated == answer ? nil : Difference(call: String(call), kernel: answer, simulated: simulated)
    }
  }

  /// The table in docs/kernel.md: the call, the kernel's result, the simulated task's result, the reason.
  private func listed() throws -> [Difference] {
    try lines(of: "\(Fixtures.package)/docs/kernel.md").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 4, cells[0].hasPrefix("`"), cells[1].contains("_") else { return nil }
      return Difference(call: cells[0].replacing("`", with: ""), kernel: cells[1], simulated: cells[2])
    }
  }

  @Test("simulated tasks answer every call as GNU Mach does, except for the differences in docs/kernel.md")
  func answers() throws {
    let answers = try recorded()
    #expect(answers.count >= 200)
    #expect(differences(of: answers).sorted() == (try listed().sorted()))
  }

  @Test("the comparison with GNU Mach detects a change of any recorded answer")
  func changedClaims() throws {
    let answers = try recorded()
    let expected = differences(of: answers)
    for index in answers.indices where index % 7 == 0 {
      var changed = answers
      changed[index].answer = answers[index].answer == "KERN_SUCCESS" ? "KERN_FAILURE" : "KERN_SUCCESS"
      #expect(differences(of: changed) != expected, "\(answers[index].call)")
    }
  }
}
