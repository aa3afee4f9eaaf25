// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("A hostile program's attacks on its pages")
struct PageAttackTests {
  /// The number before `words` in a program's output.
  private func number(before words: String, in output: String) throws -> Int {
    let line = try #require(output.split(separator: "\n").first { $0.hasSuffix(words) }, "\(output)")
    return try #require(Int(line.split(separator: " ")[0]), "\(output)")
  }

  @Test(
    "refuses every attack on a program's own pages: none is written, replaced or unmapped", arguments: Setup.engines,
    ["x86_64", "i386"])
  func onPages(engine: String, architecture: String) throws {
    let directory = try TemporaryDirectory()
    let attack = try Setup.compile("attack.c", architecture, in: directory)
    for source in ["host", "tsc"] {
      let result = try Command.run(
        Setup.unprivileged + [Setup.loader, "--engine", engine, "--clock-source", source, attack])
      #expect(result.status == 0, "\(result.output)")
      Tally.attacks.report(
        try number(before: "attacks refused", in: result.output), "own pages, \(architecture), \(engine), \(source)")
    }
  }

  @Test("detects most attacks on pages of plain memory, to prove that the test can fail")
  func probe() throws {
    let directory = try TemporaryDirectory()
    let attack = try Setup.compile("attack.c", flags: ["-DPLAIN_MEMORY"], in: directory)
    let result = try Command.run([attack])
    #expect(result.status == 1)
    let effects = result.output.split(separator: "\n").filter { $0.contains(" on the time page: ") }
    #expect(effects.count >= 8, "\(result.output)")
  }
}
