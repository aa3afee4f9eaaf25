import Foundation
import TestSupport
import Testing

@Suite("A session in a session")
struct NestedSessionTests {
  private static let loader = ProgramTests.loader

  private static let starts: [[String]] = [
    [], ["--no-follow"], ["--clock-source", "tsc"], ["--vdso", "none"], ["--vdso", "kernel"],
  ]

  @Test("starts programs of any kind, and they find the time", arguments: starts, starts)
  func starting(outer: [String], inner: [String]) throws {
    let directory = try TemporaryDirectory()
    for flags in [["gcc"], ["gcc", "-static"], UnusualProgram.i386 + ["-static"]] {
      let program = try Fixtures.compile("programs/seconds.c", with: flags, in: directory)
      let start = Int(Date().timeIntervalSince1970)
      let result = try Command.run([Self.loader] + outer + [Self.loader] + inner + [program])
      let seconds = Int(result.output.split(separator: "\n").last ?? "") ?? 0
      #expect(result.status == 0 && seconds >= start && seconds <= start + 3600, "\(flags): \(result)")
    }
  }
}
