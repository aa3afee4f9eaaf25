// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Commands that inspect")
struct InspectionTests {
  static let command = Fixtures.product("demo-loader")

  /// Runs a command that must succeed and decodes the JSON that it prints.
  static func json<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) throws -> Value {
    let result = try Command.run([command] + arguments + ["--json"])
    try #require(result.status == 0, "\(result.output)")
    return try JSONDecoder().decode(type, from: Data(result.output.utf8))
  }

  private struct Symbols: Decodable {
    struct Row: Decodable {
      var name: String
      var value: UInt64
      var size: UInt64
    }
    var machine: String
    var bits: Int
    var buildID: String?
    var symbols: [Row]
  }

  private struct Entry: Decodable {
    var key: UInt64
    var name: String
    var value: UInt64
    var content: String?
  }

  @Test(
    "symbols lists the same as eu-readelf, for each architecture", arguments: ["i386", "x86_64", "aarch64", "riscv64"])
  func symbols(architecture: String) throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page.so"
    _ = try Command.run([Self.command, "image", "--arch", architecture, "--output", file])
    let report = try Self.json(Symbols.self, ["symbols", "--file", file])
    #expect(architecture.hasPrefix(report.machine))
    #expect(report.bits == (architecture == "i386" ? 32 : 64))
    // The columns are number, value, size, type, binding, visibility, section, name.
    let lines = try Command.run(["eu-readelf", "--symbols=.dynsym", file]).output.split(separator: "\n")
    let shown = lines.map { $0.split(separator: " ").map(String.init) }
      .filter { $0.count >= 8 && $0[0].hasSuffix(":") && $0[0] != "Num:" }
    #expect(shown.count == report.symbols.count)
    for (row, line) in zip(report.symbols, shown) {
      #expect(line[7].split(separator: "@")[0] == row.name)
      #expect(UInt64(line[1], radix: 16) == row.value, "\(row.name)")
      #expect(UInt64(line[2]) == row.size, "\(row.name)")
    }
  }

  @Test("auxv and symbols read this process, another process and its core file alike")
  func sources() throws {
    let directory = try TemporaryDirectory()
    let process = try RunningCommand("/bin/sleep", ["1000"])
    let result = try Command.run(["gcore", "-o", "\(directory.path)/core", "\(process.pid)"])
    try #require(result.status == 0, "\(result.output)")
    let core = "\(directory.path)/core.\(process.pid)"
    let live = try Self.json([Entry].self, ["auxv", "--pid", "\(process.pid)"])
    let kept = try Self.json([Entry].self, ["auxv", "--core", core])
    #expect(live.map(\.value) == kept.map(\.value))
    #expect(kept.first { $0.name == "AT_EXECFN" }?.content == "/bin/sleep")
    #expect(kept.first { $0.name == "AT_PLATFORM" }?.content == "x86_64")
    #expect(live.first { $0.name == "AT_RANDOM" }?.content == kept.first { $0.name == "AT_RANDOM" }?.content)
    let own = try Self.json(Symbols.self, ["symbols"])
    for option in [["--pid", "\(process.pid)"], ["--core", core]] {
      let other = try Self.json(Symbols.self, ["symbols"] + option)
      #expect(other.buildID == own.buildID)
      #expect(other.symbols.map(\.name) == own.symbols.map(\.name))
    }
  }

  private struct Resolve: Decodable {
    struct Call: Decodable {
      var call: String
      var address: UInt64?
      var reason: String?
      var entersKernel: Bool?
      var nanoseconds: Double?
    }
    struct Clock: Decodable {
      var clock: String
      var entersKernel: Bool?
    }
    var calls: [Call]
    var clocks: [Clock]
  }

  private struct Lint: Decodable {
    struct Broken: Decodable {
      var rule: String
    }
    var machine: String
    var kept: [String]
    var broken: [Broken]
  }

  @Test("resolve shows which clocks enter the kernel, and the cost of each call")
  func resolve() throws {
    let report = try Self.json(Resolve.self, ["resolve", "--self-check"])
    // The kernel's page never serves processor time, whatever the clock source.
    let processor = try #require(report.clocks.first { $0.clock == "CLOCK_PROCESS_CPUTIME_ID" })
    #expect(processor.entersKernel == true)
    let coarse = try #require(report.clocks.first { $0.clock == "CLOCK_REALTIME_COARSE" })
    #expect(coarse.entersKernel == false)
    let identity = try #require(report.calls.first { $0.call == "getpid" })
    #expect(identity.address == nil && identity.reason != nil)
    let clock = try #require(report.calls.first { $0.call == "clock_gettime" })
    #expect(clock.address != nil && clock.reason == nil)
    #expect(clock.nanoseconds ?? 0 > 0 && identity.nanoseconds ?? 0 > 0)
  }

  @Test("resolve finds getpid in our page, and no system call in its clock functions")
  func resolveOurs() throws {
    let inside = try Command.run([Self.command, Fixtures.product("demo-loader-cli"), "resolve", "--json"])
    let report = try JSONDecoder().decode(Resolve.self, from: Data(inside.output.utf8))
    let call = try #require(report.calls.first { $0.call == "getpid" })
    #expect(call.address != nil && call.reason == nil)
    let clock = try #require(report.calls.first { $0.call == "clock_gettime" })
    #expect(clock.address != nil && clock.entersKernel == false)
  }

  @Test(
    "lint accepts the kernel's images, 64-bit and 32-bit, in this process and others", arguments: ["-m64", "-m32"])
  func lintKernel(flag: String) throws {
    let directory = try TemporaryDirectory()
    let source = "#include <unistd.h>\nint main(void) { for (;;) pause(); }"
    let program = try directory.compile(source, named: "sleeper", with: ["gcc-12", flag])
    let process = try RunningCommand(program, [])
    let expected = flag == "-m64" ? "x86_64" : "i386"
    for _ in 0..<1000 {
      let result = try Command.run([Self.command, "lint", "--pid", "\(process.pid)", "--json"])
      guard let report = try? JSONDecoder().decode(Lint.self, from: Data(result.output.utf8)),
        report.machine == expected
      else { continue }
      #expect(report.broken.map(\.rule) == [] && result.status == 0, "\(result.output)")
      #expect(report.kept.count > 20)
      return
    }
    Issue.record("the program never came past its exec")
  }

  @Test("lint and resolve exit with 2 if they find a problem")
  func statuses() throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page.so"
    for architecture in ["i386", "x86_64", "aarch64", "riscv64"] {
      let clean = try Command.run([Self.command, "lint", "--arch", architecture, "--json"])
      #expect(clean.status == 0, "\(clean.output)")
      #expect(try JSONDecoder().decode(Lint.self, from: Data(clean.output.utf8)).broken.isEmpty)
    }
    _ = try Command.run([Self.command, "image", "--arch", "aarch64", "--output", file])
    #expect(try Command.run([Self.command, "lint", file]).status == 0)
    try Self.replace("linux-vdso.so.1", by: "other-vdso.so.1", in: file)
    let lint = try Command.run([Self.command, "lint", file, "--json"])
    #expect(lint.status == 2)
    let report = try JSONDecoder().decode(Lint.self, from: Data(lint.output.utf8))
    #expect(report.broken.map(\.rule) == ["soname"])
    #expect(try Command.run([Self.command, "resolve", "--file", file]).status == 0)
    for command in ["symbols", "resolve", "lint"] {
      let named = try Command.run([Self.command, command, file, "--json"])
      let byOption = try Command.run([Self.command, command, "--file", file, "--json"])
      #expect(named.output.hasPrefix("{") && named.output == byOption.output, "\(named.output)")
      #expect(try Command.run([Self.command, command, file, "--pid", "1"]).status == 125)
    }
    var bytes = try Data(contentsOf: URL(filePath: file))
    // Renames every symbol that has one of Linux's names.
    for start in bytes.indices.dropLast(9) where bytes[start...].starts(with: Array("__kernel_".utf8)) {
      bytes[start] = 0x58
    }
    try bytes.write(to: URL(filePath: file))
    #expect(try Command.run([Self.command, "resolve", "--file", file]).status == 2)
  }

  private static func replace(_ old: String, by new: String, in file: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes.replaceSubrange(try #require(bytes.firstRange(of: Data(old.utf8))), with: Data(new.utf8))
    try bytes.write(to: URL(filePath: file))
  }

  @Test("inspection commands print no escape sequences without a terminal")
  func noColor() throws {
    #expect(!(try Command.run([Self.command, "lint", "--arch", "i386"]).output.contains("\u{1b}")))
  }

  @Test(
    "inspection commands reject a wrong source with one line",
    arguments: [
      ["lint", "--pid", "1073741823"], ["lint", "/etc/passwd"], ["lint", "/nonexistent"],
      ["resolve", "--core", "/bin/true"], ["resolve", "--pid", "1073741823"],
      ["auxv", "--core", "/bin/true"], ["auxv", "--pid", "1073741823"], ["symbols", "--core", "/nonexistent"],
      ["symbols", "--file", "/etc/passwd"], ["symbols", "--pid", "1073741823"],
    ])
  func badSources(arguments: [String]) throws {
    let result = try Command.run([Self.command] + arguments)
    #expect(result.status == 1)
    #expect(
      result.output.hasPrefix("demo-loader: ") && result.output.split(separator: "\n").count == 1, "\(result.output)")
  }
}
