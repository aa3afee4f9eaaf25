// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
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
    #expect(running.daysAhead() == 0)
    for days in [1000, -3000] {
      let time = days < 0 ? "\(days)d" : "+\(days)d"
      let attached = try Command.run([ProgramTests.loader, "attach", "\(running.pid)", "--no-follow", "--time", time])
      #expect(attached.status == 0, "\(attached)")
      #expect(running.daysAhead() == days)
      let detached = try Command.run([ProgramTests.loader, "detach", "\(running.pid)"])
      #expect(detached.status == 0, "\(detached)")
      #expect(running.daysAhead() == 0)
    }
    #expect(running.answer().hasSuffix(" 0"), "a monotonic clock went back")
  }

  /// A program that answers each line of its input by one line.
  private final class AnsweringProgram {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    var pid: Int32 { process.processIdentifier }

    init(_ command: [String]) throws {
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = command
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      // A program that ends must not end the tests.
      signal(SIGPIPE, SIG_IGN)
    }

    func answer() -> String {
      try? input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
      var line = Data()
      while line.last != UInt8(ascii: "\n") {
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { break }
        line += data
      }
      return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// The days by which its date is ahead of the host's.
    func daysAhead() -> Int? {
      guard let seconds = answer().split(separator: " ").first.flatMap({ Double($0) }) else { return nil }
      return Int(((seconds - Date().timeIntervalSince1970) / 86_400).rounded())
    }

    deinit {
      if process.isRunning { kill(pid, SIGKILL) }
      process.waitUntilExit()
      try? input.fileHandleForWriting.close()
      try? output.fileHandleForReading.close()
    }
  }
}
