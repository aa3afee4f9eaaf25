// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import VDSOImages

/// gdb finds the page's unwind table through the section headers in memory, as it does for the kernel's own page.
@Suite("Unwinding from the built pages", .serialized)
struct UnwindingTests {
  /// Steps through every path of `image` with gdb, which looks for `main` at each instruction.
  private func step(_ image: BuiltImage, _ runner: Runner) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let page = "\(directory.path)/page"
    try Data(image.bytes + [UInt8](repeating: 0, count: 4096 - image.bytes.count)).write(to: URL(filePath: page))
    let program = try Fixtures.compile("images/unwind.c", with: runner.compiler + ["-g"], in: directory)
    let ranges = try UnwindRanges(ReadelfReport(image)).ranges.map { "\($0.lowerBound)-\($0.upperBound)" }
    let script = ["-ex", "set $ranges=\"\(ranges.joined(separator: ","))\"", "-x", Fixtures.path("images/unwind.py")]
    // A test process blocks signals. gdb can't run a program while the signals that report its stops are blocked.
    let limits = ["--default-signal", "timeout", "300"]
    if runner.emulator.isEmpty {
      return try Command.run(limits + ["gdb", "-nx", "-batch"] + script + ["--args", program, page])
    }
    let settings = [
      "set $emulator=\"\(runner.emulator.joined(separator: " "))\"", "set $page=\"\(page)\"",
      "set $socket=\"\(directory.path)/gdb\"",
    ]
    return try Command.run(
      limits + ["gdb-multiarch", "-nx", "-batch"] + settings.flatMap { ["-ex", $0] } + script + [program])
  }

  /// The lines that the script itself prints.
  private func summary(_ output: String) -> String {
    output.split(separator: "\n")
      .filter { $0.contains(" instructions") || $0.hasPrefix("missed") || $0.hasPrefix("failed") }
      .joined(separator: "\n")
  }

  @Test("gdb unwinds to main from every instruction of the pages", arguments: Runner.native + Runner.emulated)
  func whole(runner: Runner) throws {
    let result = try step(BuiltImage(runner.architecture), runner)
    print("\(runner.architecture): \(summary(result.output))")
    #expect(result.status == 0 && summary(result.output).contains(" instructions"), "\(summary(result.output))")
  }

  /// A program that steps through the same calls with the processor's trap flag, and its unwinder.
  struct Stepper: Sendable, CustomTestStringConvertible {
    var runner: Runner
    var source: String
    var flags: [String]

    var testDescription: String { "\(runner.architecture): \(flags)" }

    /// Debian's amd64 has no 32-bit libunwind.
    static let all =
      [Stepper(runner: Runner.native[0], source: "stepping.c", flags: ["-lunwind"])]
      + Runner.native.flatMap {
        [
          Stepper(runner: $0, source: "stepping.c", flags: ["-DCOMPILERS"]),
          Stepper(runner: $0, source: "throwing.cpp", flags: ["-fnon-call-exceptions", "-lstdc++"]),
        ]
      }

    func run(_ image: BuiltImage) throws -> Command.Result {
      let directory = try TemporaryDirectory()
      let page = "\(directory.path)/page"
      try Data(image.bytes + [UInt8](repeating: 0, count: 4096 - image.bytes.count)).write(to: URL(filePath: page))
      let all = ["-DSTEPPED", "-Wl,--no-as-needed", Fixtures.path("images/\(source)")] + flags
      return try Command.run([Fixtures.compile("images/unwind.c", with: runner.compiler + all, in: directory), page])
    }
  }

  @Test(
    "libunwind and the compiler's unwinder reach main, and C++ exceptions are caught, from every instruction of the pages",
    arguments: Stepper.all)
  func stepped(stepper: Stepper) throws {
    let result = try stepper.run(BuiltImage(stepper.runner.architecture))
    print("\(stepper.testDescription) \(result.output)", terminator: "")
    let words = result.output.split(whereSeparator: { $0.isWhitespace })
    try #require(result.status == 0 && words.count == 5, "\(result.output)")
    // The count equals the number of instructions in the page that gdb knows, except for i386's return from a signal without information,
    // for which there is no handler here.
    #expect(try #require(Int(words[3])) >= (stepper.runner.architecture == .i386 ? 455 : 350))
    Tally.instructions.report(try #require(Int(words[0])), "\(words[1]), \(stepper.testDescription)")
  }

  @Test(
    "libunwind, the compiler's unwinder and exceptions fail on a wrong unwind table", arguments: Stepper.all.prefix(3))
  func brokenSteps(stepper: Stepper) throws {
    var editor = try ImageEditor(.x86_64)
    editor.replace([0x41, 0x0e, 0x10], with: [0x41, 0x0e, 0x18])
    #expect(try stepper.run(BuiltImage(.x86_64, bytes: editor.bytes)).status != 0)
  }

  @Test("gdb fails on one wrong unwind table entry")
  func broken() throws {
    var editor = try ImageEditor(.x86_64)
    // After a push of one register, the changed entry says that the frame has 24 bytes, not 16.
    editor.replace([0x41, 0x0e, 0x10], with: [0x41, 0x0e, 0x18])
    try #require(try editor.bytes != BuiltImage(.x86_64).bytes)
    let result = try step(BuiltImage(.x86_64, bytes: editor.bytes), Runner.native[0])
    #expect(summary(result.output).hasPrefix("failed: at"), "\(result.output.suffix(500))")
  }
}
