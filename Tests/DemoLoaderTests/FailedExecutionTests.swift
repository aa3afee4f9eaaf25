// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// A thread whose execve has failed stays traced for a moment: it mostly tries another file next.
@Suite("After an execve that fails")
struct FailedExecutionTests {
  private func result(_ way: String, _ options: [String], _ compiler: [String] = ["gcc"]) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/failed-execve.c", with: compiler + ["-pthread"], in: directory)
    let check = try Fixtures.compile("programs/page-check.c", with: compiler, in: directory)
    return try Command.run([ProgramTests.loader, "--engine", "exec"] + options + [program, way, check])
  }

  @Test("a call that the supervisor rewrites gets the session's time", arguments: [["gcc"], ProgramKind.i386.compiler])
  func rewrittenCall(compiler: [String]) throws {
    let result = try result("wait", ["--time", "=2001-06-01"], compiler)
    #expect(result.status == 0 && result.output == "waited\n", "\(result)")
  }

  @Test("no process traces the thread in the end")
  func tracer() throws {
    let result = try result("tracer", ["--follow"])
    #expect(result.status == 0 && result.output == "no tracer\n", "\(result)")
  }

  @Test("another thread executes a program on our page")
  func threads() throws {
    let result = try result("threads", ["--follow"])
    #expect(result.status == 0 && result.output == "0 failures\n", "\(result)")
  }

  @Test("a program that is found in the last of many directories gets our page")
  func search() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc"], in: directory)
    let name = try #require(program.split(separator: "/").last.map { String($0) })
    let path = (1...20).map { "/nonexistent/\($0)" } + [directory.path, "/usr/bin", "/bin"]
    let result = try Command.run([
      ProgramTests.loader, "--engine", "exec", "--follow", "env", "PATH=" + path.joined(separator: ":"), name,
    ])
    #expect(result.status == 0 && result.output == "0 failures\n", "\(result)")
  }
}
