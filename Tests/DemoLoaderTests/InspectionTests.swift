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
    "symbols lists what eu-readelf lists, for each architecture", arguments: ["i386", "x86_64", "aarch64", "riscv64"])
  func symbols(architecture: String) throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page.so"
    _ = try Command.run([Self.command, "image", "--arch", architecture, "--output", file])
    let report = try Self.json(Symbols.self, ["symbols", "--file", file])
    #expect(architecture.hasPrefix(report.machine))
    #expect(report.bits == (architecture == "i386" ? 32 : 64))
    // Number, value, size, type, binding, visibility, section, name.
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

  @Test("auxv and symbols read this process, another and its core alike")
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

  @Test(
    "refuse what is no source in one line",
    arguments: [
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
