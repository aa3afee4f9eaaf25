// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Latch of the built pages", .serialized)
struct LatchStressTests {
  /// The number of reads in each run; the long form makes a billion in all.
  static let reads = Tally.isLong ? 170_000_000 : 20_000_000
  /// The number of reads under an emulator, where each takes ten to a hundred times as long.
  static let emulatedReads = Tally.isLong ? 10_000_000 : 1_000_000

  /// The source of the clock that is read, as the state names it.
  enum Source: String, CaseIterable {
    case published = "1"
    case counter = "2"
    /// Each state has another source, among them virtual times with new maps.
    case changing = "100"
  }

  private func run(_ runner: Runner, flaw: Int, _ source: Source) throws -> Int32 {
    let reads = runner.emulator.isEmpty ? Self.reads : Self.emulatedReads
    let result = try runner.run("images/latch-stress.c", ["\(reads)", "\(flaw)", source.rawValue], flags: ["-pthread"])
    print("\(runner.architecture), \(source), flaw \(flaw): \(result.output)", terminator: "")
    if flaw == 0, result.status == 0 {
      let count = try #require(result.output.split(separator: " ").first.flatMap { Int($0) })
      Tally.reads.report(count, "\(runner.architecture), \(source)")
    }
    return result.status
  }

  /// Like `run`, but repeated if the scheduler let the readers see too few changes for a verdict.
  private func decide(_ runner: Runner, flaw: Int, _ source: Source) throws -> Int32 {
    for _ in 1...20 {
      let status = try run(runner, flaw: flaw, source)
      if status != 3 { return status }
    }
    return 3
  }

  @Test(
    "no reader sees a torn value, or one older than before", arguments: Runner.native + Runner.emulated,
    Source.allCases)
  func whole(runner: Runner, source: Source) throws {
    #expect(try decide(runner, flaw: 0, source) == 0)
  }

  /// A reader of a counter spends enough time between its two reads of the latch for a few million reads to find any flaw.
  @Test(
    "without the latch, or with a step missing or too late, the stress test finds torn values",
    arguments: Runner.native, [1, 2, 3])
  func broken(runner: Runner, flaw: Int) throws {
    #expect(try decide(runner, flaw: flaw, .counter) == 1)
    #expect(try decide(runner, flaw: flaw, .changing) == 1)
  }
}
