import Foundation
import SimulatedKernel
import TestSupport
import Testing
import VDSOImages

/// How programs of an architecture are compiled and run here.
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
  // qemu-user has no MADV_WIPEONFORK.
  static let emulated = [
    Runner(
      architecture: .aarch64, compiler: ["aarch64-linux-gnu-gcc", "-O1", "-static"], emulator: ["qemu-aarch64"],
      environment: ["NO_WIPE": "1"]),
    Runner(
      architecture: .riscv64, compiler: ["riscv64-linux-gnu-gcc", "-O1", "-static"], emulator: ["qemu-riscv64"],
      environment: ["NO_WIPE": "1"]),
  ]

  /// Compiles `source`, gives it the code page of the architecture and `arguments`, and runs it.
  func run(_ source: String, _ arguments: [String] = [], flags: [String] = []) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let page = try #require(CodePage(architecture: architecture))
    let file = "\(directory.path)/page"
    try Data(page.bytes).write(to: URL(filePath: file))
    let program = try Fixtures.compile(source, with: compiler + flags, in: directory)
    return try Command.run(emulator + [program, file] + arguments, environment: environment)
  }
}

@Suite("Calls of the built pages")
struct PageCallTests {
  @Test(
    "give what each mode must give: trap, published, counter, host with a map, identity",
    arguments: Runner.native + Runner.emulated)
  func calls(runner: Runner) throws {
    let result = try runner.run("images/page-calls.c")
    #expect(result.status == 0, "\(result.output)")
  }
}

@Suite("Latch of the built pages", .serialized)
struct LatchStressTests {
  /// Ten million reads; the long run asks for more.
  static let reads = ProcessInfo.processInfo.environment["LATCH_READS"] ?? "10000000"

  @Test("lets no reader see a torn value, or one older than before", arguments: Runner.native)
  func whole(runner: Runner) throws {
    let result = try runner.run("images/latch-stress.c", [Self.reads, "0"], flags: ["-pthread"])
    print("\(runner.architecture): \(result.output)", terminator: "")
    #expect(result.status == 0)
  }

  @Test(
    "is needed: without it, with a step too few or a step too late, the same test finds torn values",
    arguments: [1, 2, 3])
  func broken(flaw: Int) throws {
    // The x86_64 page is read faster than it is torn by some flaws: more reads find them all the same.
    let result = try Runner.native[1].run("images/latch-stress.c", [Self.reads, "\(flaw)"], flags: ["-pthread"])
    print("flaw \(flaw): \(result.output)", terminator: "")
    #expect(result.status == 1)
  }
}
