// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedKernel
import TestSupport
import Testing
import VDSOImages

/// The commands that compile and run programs of an architecture on this machine.
struct Runner: Sendable, CustomTestStringConvertible {
  var architecture: VDSOImages.Architecture
  var compiler: [String]
  var emulator: [String] = []
  var environment: [String: String] = [:]

  var testDescription: String { architecture.rawValue }

  static let native = [
    Runner(architecture: .x86_64, compiler: ["gcc", "-O1"]),
    Runner(architecture: .i386, compiler: ["gcc", "-m32", "-O1", "-I/usr/include/x86_64-linux-gnu"]),
  ]
  // qemu-user lacks MADV_WIPEONFORK, and gdb can't read the signal frames of its default AArch64 processor.
  static let emulated = [
    Runner(
      architecture: .aarch64, compiler: Toolchain.clang(for: "aarch64") + ["-O1", "-static"],
      emulator: ["qemu-aarch64", "-cpu", "cortex-a57"], environment: ["NO_WIPE": "1"]),
    Runner(
      architecture: .riscv64, compiler: Toolchain.clang(for: "riscv64") + ["-O1", "-static"],
      emulator: ["qemu-riscv64"], environment: ["NO_WIPE": "1"]),
  ]

  /// Compiles `source` and runs it with `page`, or by default the code page of the architecture, and `arguments`.
  func run(
    _ source: String, _ arguments: [String] = [], flags: [String] = [], flavor: VDSOImages.Flavor = .linux,
    page: CodePage? = nil
  ) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let page = try page ?? #require(CodePage(architecture: architecture, flavor: flavor))
    let file = "\(directory.path)/page"
    try Data(page.bytes).write(to: URL(filePath: file))
    let program = try Fixtures.compile(source, with: compiler + flags, in: directory)
    return try Command.run(emulator + [program, file] + arguments, environment: environment)
  }
}

@Suite("Calls of the built pages")
struct PageCallTests {
  @Test(
    "page calls return what each mode requires: trap, published, counter, host with a map, identity",
    arguments: Runner.native + Runner.emulated)
  func calls(runner: Runner) throws {
    let result = try runner.run("images/page-calls.c")
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(
    "page calls return the same by slot and by name, and maps agree with 128-bit arithmetic",
    arguments: Runner.native + Runner.emulated)
  func entryPoints(runner: Runner) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    let result = try runner.run("images/entry-points.c", ["\(seed)"])
    #expect(result.status == 0, "seed \(seed): \(result.output)")
  }

  @Test("page calls never trap in the Mach flavor: they return ENOSYS")
  func mach() throws {
    let result = try Runner.native[1].run("images/mach-calls.c", flavor: .mach)
    #expect(result.status == 0, "\(result.status) failures")
  }
}
