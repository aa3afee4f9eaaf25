// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Runtimes keep the addresses of the vDSO's functions from their start, and read clocks in threads of their own.
@Suite("Attaching to programs of other languages")
struct AttachRuntimeTests {
  struct Runtime: CustomTestStringConvertible, Sendable {
    let name: String
    let source: String
    /// Makes the file `program` of the file `source`; empty where a source is executed.
    var build: [String] = []
    /// Executes either.
    var command: [String] = []
    var environment: [String: String] = [:]

    var testDescription: String { name }
    var isHere: Bool { ((build + command).first.map(Command.exists) ?? false) }
  }

  private static let go = ["go", "build", "-o", "program", "source"]
  static let runtimes = [
    Runtime(name: "Go", source: "attached-clocks.go", build: go),
    Runtime(name: "Go, i386", source: "attached-clocks.go", build: go, environment: ["GOARCH": "386"]),
    Runtime(name: "C++", source: "attached-clocks.cpp", build: ["g++", "-pthread", "-o", "program", "source"]),
    Runtime(name: "Python", source: "attached-clocks.py", command: ["python3"]),
    Runtime(name: "Java", source: "AttachedClocks.java", command: ["java", "-XX:TieredStopAtLevel=1"]),
    Runtime(name: "Node", source: "attached-clocks.js", command: ["node"]),
  ].filter(\.isHere)

  @Test("a running program sees another date, and its monotonic clock never goes back", arguments: runtimes)
  func date(runtime: Runtime) throws {
    let directory = try TemporaryDirectory()
    let source = Fixtures.path("programs/\(runtime.source)")
    let program = "\(directory.path)/program"
    if !runtime.build.isEmpty {
      let build = runtime.build.map { $0 == "source" ? source : $0 == "program" ? program : $0 }
      let environment = ["GOCACHE": "\(directory.path)/cache", "GOFLAGS": "-p=1"].merging(runtime.environment) { $1 }
      let built = try Command.run(build, environment: environment)
      try #require(built.status == 0, "\(built)")
    }
    let running = try AnsweringProgram(runtime.command.isEmpty ? [program] : runtime.command + [source])
    #expect(try Self.daysAhead(running) == 0)
    for round in 0..<(AttachTests.isLong ? AttachTests.repetitions : 2) {
      let days = round % 2 == 0 ? 1000 : -3000
      let time = days < 0 ? "\(days)d" : "+\(days)d"
      let attached = try Command.run([ProgramTests.loader, "attach", "\(running.pid)", "--no-follow", "--time", time])
      #expect(attached.status == 0, "\(attached)")
      #expect(try Self.daysAhead(running) == days)
      let detached = try Command.run([ProgramTests.loader, "detach", "\(running.pid)"])
      #expect(detached.status == 0, "\(detached)")
      #expect(try Self.daysAhead(running) == 0)
    }
    #expect(try running.answer().hasSuffix(" 0"), "a monotonic clock went back")
    if AttachTests.isLong { Tally.attachments.report(AttachTests.repetitions, runtime.name) }
  }

  /// The days by which a program's date is ahead of the host's.
  private static func daysAhead(_ running: AnsweringProgram) throws -> Int? {
    guard let seconds = try running.answer().split(separator: " ").first.flatMap({ Double($0) }) else { return nil }
    return Int(((seconds - Date().timeIntervalSince1970) / 86_400).rounded())
  }
}
