// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("What --json prints")
struct JSONTests {
  private static let loader = ProgramTests.loader

  /// The commands by the headings of docs/json.md. `time` needs a session and is added where there is one.
  static let commands = [
    "auxv": ["auxv"], "symbols": ["symbols"], "resolve": ["resolve"],
    "lint": ["lint", "--arch", "i386"], "image, without --output": ["image", "--arch", "i386"], "ps": ["ps"],
    "bench": ["bench", "--rounds", "8", "--calls", "50"], "doctor": ["doctor"],
  ]

  /// The keys of objects, including nested ones. The counts of `ps` have values as keys, which are left out.
  private static func keys(_ value: Any) -> Set<String> {
    switch value {
    case let values as [Any]: return values.reduce(into: []) { $0.formUnion(keys($1)) }
    case let object as [String: Any]:
      return object.reduce(into: []) { result, entry in
        result.insert(entry.key)
        if entry.key != "counts" && entry.key != "clockSources" { result.formUnion(keys(entry.value)) }
      }
    default: return []
    }
  }

  /// The words in backticks below each heading of docs/json.md.
  private static func documented() throws -> [String: Set<String>] {
    let text = try String(contentsOfFile: Fixtures.package + "/docs/json.md", encoding: .utf8)
    return text.split(separator: "\n## ").dropFirst().reduce(into: [:]) { sections, section in
      let heading = String(section.prefix { $0 != "\n" })
      sections[heading] = Set(section.matches(of: /`([A-Za-z0-9]+)`/).map { String($0.1) })
    }
  }

  private static func check(_ heading: String, _ arguments: [String]) throws {
    let result = try Command.run([loader] + arguments + ["--json"])
    let keys = keys(try JSONSerialization.jsonObject(with: Data(result.output.utf8)))
    let words = try #require(try documented()[heading], "docs/json.md has no \(heading)")
    #expect(!keys.isEmpty && keys.isSubset(of: words), "\(heading): \(keys.subtracting(words))")
  }

  @Test("prints only JSON keys that docs/json.md documents", arguments: commands.keys.sorted())
  func isDocumented(heading: String) throws {
    try Self.check(heading, Self.commands[heading] ?? [])
  }

  @Test("prints only JSON keys of a session's time that docs/json.md documents")
  func timeIsDocumented() throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    let session = try RunningCommand(Self.loader, ["--control", control, "sleep", "1000"])
    for _ in 0..<1000 where !FileManager.default.fileExists(atPath: control) { usleep(10_000) }
    try Self.check("time", ["time", control])
    _ = session
  }

  @Test(
    "prints process names in JSON unchanged, whatever characters they have",
    arguments: ["a\"b\\c", "\u{1}\u{7f}\n\t", "é\u{2028}😀", "'); </", "\\u0041"])
  func strings(name: String) throws {
    let directory = try TemporaryDirectory()
    // The kernel keeps 15 bytes of a process's name, which is the part of its path after the last slash.
    let name = String(name.replacing("/", with: "|").prefix(15))
    let program = "\(directory.path)/\(name)"
    try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: program)
    let process = try RunningCommand(program, ["1000"])
    let script = "import json, sys; print(json.load(sys.stdin)['processes'][0]['command'].encode().hex())"
    var told = ""
    let expected = name.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    // The process has another name until its execve.
    for _ in 0..<200 where told != expected {
      let command = "\(Self.loader) ps --json \(process.pid) | /usr/bin/python3 -c \"\(script)\""
      told = try Command.run(["bash", "-c", command]).output.trimmingCharacters(in: .whitespacesAndNewlines)
      usleep(10_000)
    }
    #expect(told == expected)
  }
}
