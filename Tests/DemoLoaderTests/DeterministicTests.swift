// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Deterministic runs")
struct DeterministicTests {
  private static let loader = ProgramTests.loader

  /// The output of two runs, which must both succeed.
  private func outputs(_ command: [String], _ options: [String]) throws -> [String] {
    try (0..<2).map { _ in
      let result = try Command.run([Self.loader] + options + command)
      #expect(result.status == 0, "\(command): \(result.output)")
      return result.output
    }
  }

  private func expectAlike(_ command: [String], _ options: [String] = []) throws {
    let alike = try outputs(command, ["--deterministic"] + options)
    #expect(alike[0] == alike[1] && !alike[0].isEmpty, "\(command): \(alike)")
    let different = try outputs(command, [])
    #expect(different[0] != different[1], "the check must notice: \(command)")
  }

  @Test(
    "gives the same clocks, addresses and random bytes in every deterministic run, in child programs too",
    arguments: StrictTimeTests.kinds, [[], ["--time", "=2038-01-19T03:14:00Z"]])
  func inputs(kind: ProgramKind, options: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/inputs.c", with: kind.compiler, in: directory)
    try expectAlike([program], options)
  }

  @Test("makes interpreters and Go print the same in every deterministic run")
  func runtimes() throws {
    try expectAlike([
      "python3", "-c",
      "import os, random, time; print(hash('a'), id(object()), random.random(), os.urandom(4), time.time(), time.monotonic())",
    ])
    let directory = try TemporaryDirectory()
    let build = try Command.run(
      ["go", "build", "-o", "\(directory.path)/inputs", Fixtures.path("programs/inputs.go")],
      environment: ["GOCACHE": "\(directory.path)/cache", "GO111MODULE": "off"])
    #expect(build.status == 0, "\(build.output)")
    // The threads of Go's runtime read the clock at unpredictable moments, so the clock stands.
    try expectAlike(["\(directory.path)/inputs"], ["--time", "=2000-01-01T00:00:00Z"])
  }

  @Test("makes bash print the same in every deterministic run with the same process ids", .enabled(if: getuid() == 0))
  func shell() throws {
    let namespace = ["unshare", "--pid", "--fork", "--kill-child"]
    let script = ["bash", "-c", "echo $RANDOM $$ $EPOCHREALTIME; bash -c 'echo $RANDOM $$'"]
    func run(_ options: [String]) throws -> Command.Result {
      try Command.run(namespace + [Self.loader] + options + script)
    }
    let results = try (0..<2).map { _ in try run(["--deterministic"]) }
    #expect(results[0].status == 0 && results[0].output == results[1].output, "\(results)")
    #expect(try run([]).output != run([]).output, "the check must notice")
  }

  @Test(
    "refuses deterministic runs with options that differ from run to run",
    arguments: [
      (["--time", "+3d"], 125, "a date that stands"), (["--time", "@2000-01-01 x10"], 125, "a date that stands"),
      (["--time", "="], 125, "a date that stands"), (["--aslr"], 125, "omit --aslr"),
      (["--clock", "REALTIME"], 125, "changes all clocks"), (["--vdso", "none"], 125, "need our page"),
      (["--engine", "load"], 125, "--deterministic"),
    ] as [([String], Int32, String)])
  func refusals(options: [String], status: Int32, reason: String) throws {
    let result = try Command.run([Self.loader, "--deterministic"] + options + ["echo", "started"])
    #expect(result.status == status && result.output.contains(reason), "\(result.output)")
    #expect(!result.output.contains("started"))
  }
}
