// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("The page compared with the kernel")
struct AgreementTests {
  static let kinds = [
    ProgramKind.all[0],
    ProgramKind(
      name: "i386, 64-bit time", compiler: UnusualProgram.i386 + ["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"]),
  ]

  /// Follows Linux's own tests of its vDSO: each clock between two system calls, resolutions, files, and the image by its name.
  @Test("the page agrees with the kernel in every program kind and clock source", arguments: kinds, ["host", "tsc"])
  func agreement(kind: ProgramKind, source: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/agreement.c", with: kind.compiler, in: directory)
    for engine in ProgramTests.engines {
      let result = try Command.run([
        ProgramTests.loader, "--engine", engine, "--no-follow", "--clock-source", source, program,
        "\(directory.path)/file",
      ])
      #expect(
        result.status == 0 && result.output.hasSuffix("\n0 failures\n") || result.output == "0 failures\n",
        "\(engine): \(result.output)")
    }
    // The kernel's own page passes the same checks.
    #expect(try Command.run([program, "\(directory.path)/file"]).output == "0 failures\n")
  }

  @Test("hits a software breakpoint in the page, and only in the traced process", arguments: ProgramTests.engines)
  func breakpoint(engine: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/clock-loop.c", with: ["gcc", "-g"], in: directory)
    let commands = ["break __vdso_clock_gettime", "continue", "backtrace 2", "detach"].flatMap { ["-ex", "'\($0)'"] }
    let script = """
      '\(ProgramTests.loader)' --engine \(engine) '\(program)' > '\(directory.path)/number' &
      while ! [ -s '\(directory.path)/number' ]; do sleep 0.1; done
      read number < '\(directory.path)/number'
      timeout 120 gdb -nx -batch \(commands.joined(separator: " ")) -p "$number" 2>&1
      kill "$number"
      """
    let result = try Command.run(["--default-signal", "sh", "-c", script])
    #expect(result.output.contains("Breakpoint 1, ") && result.output.contains("#0 "), "\(result.output)")
  }
}
