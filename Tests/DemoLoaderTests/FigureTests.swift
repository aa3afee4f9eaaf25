// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The figures of documents, which are measured rarely, against the code that measures and draws them.
@Suite("Documents' figures")
struct FigureTests {
  private static func document(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Fixtures.package)/docs/\(name)", encoding: .utf8)
  }

  @Test(
    "pictures of tables show what the tables say, in today's drawing",
    arguments: [("peers.md", "peers.svg"), ("performance.md", "build.svg"), ("mach.md", "mach-cost.svg")])
  func pictures(document: String, picture: String) throws {
    let directory = try TemporaryDirectory()
    let drawn = "\(directory.path)/\(picture)"
    let result = try Command.run([Fixtures.product("table-chart"), "\(Fixtures.package)/docs/\(document)", drawn])
    #expect(result.status == 0, "\(result)")
    let isCurrent = try String(contentsOfFile: drawn, encoding: .utf8) == Self.document(picture)
    #expect(isCurrent, "docs/\(picture) is older than docs/\(document): make charts")
  }

  @Test("pictures follow a dark page and fit into a page's width")
  func appearance() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(Fixtures.package)/docs").filter {
      $0.hasSuffix(".svg")
    }
    try #require(names.count > 8)
    for name in names {
      let picture = try Self.document(name)
      let width = picture.firstMatch(of: /<svg [^>]*?width="([0-9]+)"/).flatMap { Int($0.1) } ?? .max
      #expect(picture.contains("@media (prefers-color-scheme: dark)") && width <= 830, "docs/\(name): \(width) wide")
    }
  }

  @Test("a table that can't be drawn is refused, with its column")
  func refusals() throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/table.md"
    for (text, words) in [
      ("![A](a.svg)\n\n| | wall, s |\n|---|---|\n| x | fast |\n", "wall, s"), ("![A](b.svg)\n", "no picture a.svg"),
      ("![A](a.svg)\n\n# Next\n\n| | wall, s |\n|---|---|\n| x | 1 |\n", "no column"),
    ] {
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let result = try Command.run([Fixtures.product("table-chart"), file, "\(directory.path)/a.svg"])
      #expect(result.status == 2 && result.output.contains(words), "\(result)")
    }
  }

  @Test("the table of peers has the form and the peers that are measured today")
  func peers() throws {
    let document = try Self.document("peers.md")
    let script = try String(contentsOfFile: "\(Fixtures.package)/Scripts/bench-peers", encoding: .utf8)
    let called = script.matches(of: /\n  call (?:"([^"]*)"|'([^']*)')/).map { String($0.1 ?? $0.2 ?? "") }
    let started = try #require(script.firstMatch(of: /names='([^']*)'/)).1.split(separator: "|").map(String.init)
    try #require(called.count > 5 && started.count > 3)
    var lines = ["load\t1"]
    for (kind, names) in [("call", called), ("start", started), ("memory", started)] {
      lines += names.map { "\(kind)\t\($0)\t1" }
    }
    for note in document.matches(of: /\n- ([^\n]*)/) { lines.append("resolver\t\(note.1)") }
    let directory = try TemporaryDirectory()
    let (measured, made) = ("\(directory.path)/measured", "\(directory.path)/made.md")
    try (lines.joined(separator: "\n") + "\n").write(toFile: measured, atomically: true, encoding: .utf8)
    let report = Fixtures.product("peer-report")
    #expect(try Command.run(["sh", "-c", "\"$0\" \"$1\" < \"$2\"", report, made, measured]).status == 0)
    func form(_ text: String) -> String { text.replacing(/[0-9]+(?:\.[0-9]+)?/, with: "N") }
    let isCurrent = try form(String(contentsOfFile: made, encoding: .utf8)) == form(document)
    #expect(isCurrent, "docs/peers.md is older than what makes it: make bench-peers")
  }

  @Test("the table of builds has the ways that are measured today")
  func builds() throws {
    let script = try String(contentsOfFile: "\(Fixtures.package)/Scripts/bench-build", encoding: .utf8)
    let ways = script.matches(of: /\n    \("([^"]*)", \[/).map { String($0.1) }
    let head = try #require(script.firstMatch(of: /"(\| build \|[^"]*)"/)).1
    let table = try Self.document("performance.md").components(separatedBy: "\n").drop { $0 != head }.dropFirst(2)
    let rows = table.prefix { $0.hasPrefix("|") }.map { $0.components(separatedBy: " | ")[0].dropFirst(2) }
    #expect(ways.count == 5 && rows.map(String.init) == ways, "docs/performance.md: make bench-build")
  }
}
