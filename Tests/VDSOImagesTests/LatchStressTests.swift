import Foundation
import TestSupport
import Testing

@Suite("Latch of the built pages", .serialized)
struct LatchStressTests {
  /// Ten million reads; the long run asks for more.
  static let reads = ProcessInfo.processInfo.environment["LATCH_READS"] ?? "10000000"

  /// What the clock that is read says it comes from, by number in vdso.h.
  enum Source: String, CaseIterable {
    case published = "1"
    case counter = "2"
  }

  private func run(_ runner: Runner, flaw: Int, _ source: Source) throws -> Int32 {
    let result = try runner.run(
      "images/latch-stress.c", [Self.reads, "\(flaw)", source.rawValue], flags: ["-pthread"])
    print("\(runner.architecture), \(source), flaw \(flaw): \(result.output)", terminator: "")
    return result.status
  }

  /// As `run`, again where the scheduler let the reader see too few changes to prove anything.
  private func decide(_ runner: Runner, flaw: Int, _ source: Source) throws -> Int32 {
    for _ in 1...20 {
      let status = try run(runner, flaw: flaw, source)
      if status != 3 { return status }
    }
    return 3
  }

  @Test("lets no reader see a torn value, or one older than before", arguments: Runner.native, Source.allCases)
  func whole(runner: Runner, source: Source) throws {
    #expect(try decide(runner, flaw: 0, source) == 0)
  }

  /// Readers of a counter stay between the two looks at the latch for long enough that a few million reads find any flaw.
  @Test(
    "is needed: without it, with a step too few or a step too late, the same test finds torn values",
    arguments: Runner.native, [1, 2, 3])
  func broken(runner: Runner, flaw: Int) throws {
    #expect(try decide(runner, flaw: flaw, .counter) == 1)
  }
}
