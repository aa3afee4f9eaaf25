// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Changing the time from other languages")
struct SessionInterfaceTests {
  private static let loader = ProgramTests.loader

  @Test("changes the time from test suites in Python, Go and Java")
  func fromTestSuites() throws {
    let directory = try TemporaryDirectory()
    let examples = Fixtures.package + "/examples"
    let environment = [
      "DEMO_LOADER": Self.loader, "VDSO_SESSION_LIBRARY": Fixtures.product("libSessionInterface.so"),
      "PYTHONPATH": "\(Fixtures.package)/Python:\(examples)/pytest", "PYTHONDONTWRITEBYTECODE": "1",
      "GO111MODULE": "off",
      "GOCACHE": "\(directory.path)/cache",
    ]
    let python = try Command.run(
      ["/usr/bin/python3", "-c", "import test_clock; test_clock.test_clock()"], environment: environment)
    #expect(python.status == 0, "\(python.output)")
    let go = try Command.run(["go", "test", "\(examples)/go-test/clock_test.go"], environment: environment)
    #expect(go.status == 0, "\(go.output)")
    // JUnit isn't installed everywhere.
    let jars = "/usr/share/java/junit4.jar:/usr/share/java/hamcrest-core.jar"
    guard Command.exists("javac"), FileManager.default.fileExists(atPath: "/usr/share/java/junit4.jar") else { return }
    let build = try Command.run(
      ["javac", "-cp", jars, "-d", directory.path, "\(examples)/junit/ClockTest.java"], environment: environment)
    #expect(build.status == 0, "\(build.output)")
    let java = try Command.run(
      ["java", "-cp", "\(jars):\(directory.path)", "org.junit.runner.JUnitCore", "ClockTest"], environment: environment)
    #expect(java.status == 0, "\(java.output)")
  }

  /// Compiles a program of examples/session, which uses the C interface; returns its path.
  static func compileExample(_ name: String, in directory: TemporaryDirectory) throws -> String {
    let products = URL(filePath: Fixtures.product("libSessionInterface.so")).deletingLastPathComponent().path
    let program = "\(directory.path)/\(name)"
    let build = try Command.run([
      "gcc", "-Wall", "-Wextra", "-Werror", "-o", program, Fixtures.package + "/examples/session/\(name).c",
      "-I" + Fixtures.package + "/Sources/CVDSO", "-L\(products)", "-lSessionInterface", "-Wl,-rpath,\(products)",
    ])
    try #require(build.status == 0, "\(build.output)")
    return program
  }

  @Test("changes the time from C")
  func fromC() throws {
    let directory = try TemporaryDirectory()
    let drive = [try Self.compileExample("drive", in: directory), Self.loader]
    let lines = "\(directory.path)/lines"
    // A program that waits until its date has been set, and then, for a minute at most, until its date has been asked.
    let wait = """
      while [ $EPOCHSECONDS -ne 2147483647 ]; do read -t 0.01 < <(sleep 1) || true; done; echo $EPOCHSECONDS
      for i in {1..600}; do grep -q 'the program is at' \(lines) && break; sleep 0.1; done
      """
    let result = try Command.run(
      ["sh", "-c", "\"$@\" > \(lines); status=$?; cat \(lines); exit $status", "sh"] + drive + ["bash", "-c", wait])
    #expect(result.status == 0, "\(result.output)")
    // Two processes print, in either order.
    #expect(
      result.output.split(separator: "\n").sorted() == ["2147483647", "the program is at 2147483647"],
      "\(result.output)")
    let gone = try Command.run(drive + ["/nonexistent/program"])
    #expect(gone.status == 1 && gone.output.contains("the program has ended: "), "\(gone.output)")
  }
}
