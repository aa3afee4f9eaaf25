// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The table of docs/loading.md: each attribute of a started program, compared with execve.
struct AttributeTable {
  /// The text of the last column, by attribute.
  let rows: [String: String]

  init() throws {
    let text = try String(contentsOfFile: "\(Fixtures.package)/docs/loading.md", encoding: .utf8)
    let table = text.components(separatedBy: "\n").drop { !$0.hasPrefix("| attribute |") }.dropFirst(2)
    var rows: [String: String] = [:]
    for line in table.prefix(while: { $0.hasPrefix("|") }) {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for name in cells[0].components(separatedBy: "; ") {
        rows[name.replacing("`", with: "")] = cells[2]
      }
    }
    self.rows = rows
  }

  /// The attributes that the table doesn't promise to be as after execve. Some are promised only if the process has a capability.
  var differing: Set<String> {
    Set(
      rows.filter {
        !$0.value.hasPrefix("as execve") || $0.value.hasPrefix("as execve with CAP") && !Privileges.mayNameExecutable
      }
      .keys)
  }
}

@Suite("The state that a program starts with")
struct StartStateTests {
  private static let runner = Fixtures.product("load-runner")

  /// For the first build all attributes are compared; for builds with an interpreter, all except those that depend on it.
  static let builds: [ProgramKind] = [
    ProgramKind(
      name: "static, from the first instruction",
      compiler: ["gcc", "-O1", "-static", "-DRECORD_ENTRY", "-Wl,-e,start_entry"]),
    ProgramKind(name: "dynamic", compiler: ["gcc", "-O1"]),
    ProgramKind(name: "musl", compiler: ["musl-gcc", "-O1"]),
    ProgramKind(name: "i386, dynamic", compiler: UnusualProgram.i386),
    ProgramKind(name: "i386, static", compiler: UnusualProgram.i386 + ["-static"]),
  ]

  /// Runs `command` and returns what it prints, by attribute.
  private func attributes(_ command: [String]) throws -> [String: String] {
    let result = try Command.run(["env", "-i", "PATH=/bin:/usr/bin", "VARIABLE=its value"] + command)
    try #require(result.status == 0, "\(result.output)")
    var attributes: [String: String] = [:]
    for line in result.output.split(separator: "\n") {
      let colon = try #require(line.firstRange(of: ": ") ?? line.firstRange(of: ":"), "\(line)")
      let value = String(line[colon.upperBound...])
      attributes[String(line[..<colon.lowerBound])] = value.replacing(/START_STATE_PID=\d+/, with: "START_STATE_PID")
    }
    return attributes
  }

  private func compile(_ build: ProgramKind, in directory: TemporaryDirectory) throws -> String {
    try Fixtures.compile("programs/start-state.c", with: build.compiler, in: directory)
  }

  @Test("loads a program with the state that execve gives, except for the rows of docs/loading.md", arguments: builds)
  func loaded(build: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try compile(build, in: directory)
    let direct = try attributes([Self.runner, "exec", program, "a", ""])
    let loaded = try attributes([Self.runner, "load", program, "a", ""])
    try compare(direct, loaded, AttributeTable())
  }

  @Test("a program has the descriptors that execve leaves it, whichever are open", arguments: ["load", "exec"])
  func descriptors(engine: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/inherited-descriptors.c", with: ["gcc", "-static"], in: directory)
    let seed = UInt16.random(in: 0 ... .max)
    let result = try Command.run([program, "\(seed)", "100", Fixtures.product("demo-loader"), "--engine", engine])
    #expect(result.output == "0 failures\n", "seed \(seed): \(result.output)")
  }

  @Test("refuses to replace a process that has other threads")
  func otherThreads() throws {
    let refused = try Command.run([Self.runner, "threads", "/bin/true"])
    #expect(refused.status == 126 && refused.output.contains("a process that has 2 threads"), "\(refused)")
  }

  @Test(
    "starts a program by either engine of demo-loader with the state that execve gives, except for the rows of docs/loading.md",
    arguments: builds,
    [["--engine", "load"], ["--engine", "exec", "--no-follow"]])
  func underDemoLoader(build: ProgramKind, options: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try compile(build, in: directory)
    let direct = try attributes([Self.runner, "inherit", program, "a", ""])
    let loaded = try attributes([Self.runner, "inherit", ProgramTests.loader] + options + [program, "a", ""])
    try compare(direct, loaded, AttributeTable())
    #expect(direct["memory"] != loaded["memory"], "our pages must show")
  }

  @Test(
    "starts programs without PT_GNU_STACK with the state that execve gives", arguments: [["gcc"], UnusualProgram.i386])
  func withoutStackSegment(compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try compile(ProgramKind(name: "", compiler: compiler), in: directory)
    var bytes = try Data(contentsOf: URL(filePath: program))
    let type = try #require(bytes.firstRange(of: [0x51, 0xe5, 0x74, 0x64]), "PT_GNU_STACK")
    bytes.resetBytes(in: type)  // PT_NULL
    try bytes.write(to: URL(filePath: program))
    let direct = try attributes(["env", program])
    let loaded = try attributes([ProgramTests.loader, "--engine", "load", program])
    #expect(loaded["personality"] == direct["personality"])
    #expect(stackMode(loaded) == stackMode(direct))
  }

  private func stackMode(_ attributes: [String: String]) -> Substring? {
    attributes["memory"]?.split(separator: ",").first { $0.hasSuffix("[stack]") }
  }

  @Test("has one row in docs/loading.md for each attribute, and no other rows")
  func table() throws {
    let directory = try TemporaryDirectory()
    let printed = try attributes([try compile(Self.builds[0], in: directory)])
    #expect(Set(printed.keys) == Set(try AttributeTable().rows.keys))
  }

  private func compare(_ direct: [String: String], _ loaded: [String: String], _ table: AttributeTable) {
    #expect(direct.keys.sorted() == loaded.keys.sorted())
    for (attribute, value) in direct.sorted(by: { $0.key < $1.key }) where !table.differing.contains(attribute) {
      #expect(loaded[attribute] == value, "\(attribute)")
    }
  }
}
