// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension AttachTests {
  @Test("C and Python programs attach to a running program and detach it")
  func fromC() throws {
    let directory = try TemporaryDirectory()
    let attach = try SessionInterfaceTests.compileExample("attach", in: directory)
    let program = try AttachedProgram(Self.glibc, threads: 2)
    func run(_ words: [String], loader: String = Self.loader) throws -> (status: Int32, output: String) {
      let result = try Command.run(
        words,
        environment: [
          "DEMO_LOADER": loader, "VDSO_SESSION_LIBRARY": Fixtures.product("libSessionInterface.so"),
          "PYTHONPATH": "\(Fixtures.package)/Python", "PYTHONDONTWRITEBYTECODE": "1",
        ])
      return (result.status, result.output)
    }
    func call(_ words: String..., loader: String = Self.loader) throws -> (status: Int32, output: String) {
      try run([attach, "\(program.pid)"] + words, loader: loader)
    }
    func python(_ code: String) throws -> (status: Int32, output: String) {
      try run(["/usr/bin/python3", "-c", "import vdso_session; vdso_session." + code])
    }
    #expect(try call("+2d") == (0, ""))
    #expect(try program.hoursAhead() == "48 48 48")
    let again = try call("+2d")
    #expect(
      again.status == 1 && again.output.hasPrefix("attach: process \(program.pid) is attached already"), "\(again)")
    #expect(try call() == (0, ""))
    #expect(try program.hoursAhead() == "0 0 0")
    #expect(try python("attach(\(program.pid), '+3h')") == (0, ""))
    #expect(try program.hoursAhead() == "3 3 3")
    #expect(try python("detach(\(program.pid))") == (0, ""))
    #expect(try program.hoursAhead() == "0 0 0")
    let missing = try call("+2d", loader: "/nonexistent/demo-loader")
    #expect(missing.status == 1 && missing.output.contains("install it"), "\(missing)")
    #expect(try program.finish() == "0 failures\n")
  }
}
