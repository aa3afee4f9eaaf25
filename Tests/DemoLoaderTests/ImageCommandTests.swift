// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("demo-loader image")
struct ImageCommandTests {
  private static let command = Fixtures.product("demo-loader")

  private func image(_ format: String, _ arguments: [String], to file: String) throws {
    let result = try Command.run([Self.command, "image", "--format", format, "--output", file] + arguments)
    try #require(result.status == 0, "\(result.output)")
  }

  @Test(
    "image writes a C array that compiles into a kernel with its header and holds the page",
    arguments: [["--flavor", "linux"], ["--flavor", "mach"]])
  func cArray(flavor: [String]) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    let arguments = ["--arch", "i386"] + flavor
    try image("c", arguments, to: "\(path)/page.c")
    try image("header", arguments, to: "\(path)/vdso.h")
    try image("bin", arguments, to: "\(path)/page.bin")
    let compiled = try Command.run([
      "gcc", "-m32", "-ffreestanding", "-nostdlib", "-Wall", "-Wextra", "-Werror", "-c", "-o", "\(path)/page.o",
      "\(path)/page.c",
    ])
    #expect(compiled.status == 0, "\(compiled.output)")
    let copied = try Command.run(["objcopy", "-O", "binary", "-j", ".rodata", "\(path)/page.o", "\(path)/array"])
    #expect(copied.status == 0, "\(copied.output)")
    let page = try Data(contentsOf: URL(filePath: "\(path)/page.bin"))
    #expect(page.count == 4096)
    #expect(try Data(contentsOf: URL(filePath: "\(path)/array")) == page)
  }

  @Test(
    "image reports every byte of the page once, and each function at the address that eu-readelf shows",
    arguments: ["i386", "x86_64"])
  func report(architecture: String) throws {
    let directory = try TemporaryDirectory()
    let (report, file) = ("\(directory.path)/report", "\(directory.path)/page.so")
    try image("report", ["--arch", architecture], to: report)
    try image("elf", ["--arch", architecture], to: file)
    let lines = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
    let rows = lines.dropFirst(2).prefix { $0.hasPrefix("0x") }
      .map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
    var end = 0
    for row in rows {
      #expect(Int(row[0].dropFirst(2), radix: 16) == end, "\(row)")
      end += try #require(Int(row[1]))
    }
    #expect(end == 4096)
    let used = try #require(lines.first.flatMap { $0.firstMatch(of: /(\d+) bytes used, (\d+) free/) })
    #expect(Int(used.1)! + Int(used.2)! == 4096)

    let symbols = try Command.run(["eu-readelf", "--symbols=.dynsym", file]).output.split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }.filter { $0.count >= 8 && $0[3] == "FUNC" }
    #expect(symbols.count > 10)
    for row in rows where row[2] == "code" && row.count == 4 {
      let match = symbols.contains { symbol in
        symbol[7].split(separator: "@")[0] == row[3] && Int(symbol[1], radix: 16) == Int(row[0].dropFirst(2), radix: 16)
          && symbol[2] == row[1]
      }
      #expect(match, "\(row)")
    }
    #expect(lines.contains { $0.contains("rdtsc") }, "the instructions are missing")
  }

  @Test("image draws a picture with one cell for each byte", arguments: ["i386", "x86_64", "aarch64", "riscv64"])
  func picture(architecture: String) throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page.svg"
    try image("svg", ["--arch", architecture], to: file)
    let count = try Command.run([
      "python3", "-c",
      """
      import sys, xml.etree.ElementTree as tree
      groups = tree.parse(sys.argv[1]).getroot().iter('{http://www.w3.org/2000/svg}g')
      cells = [(int(r.get('x')) + 10 * n, r.get('y')) for g in groups for r in g for n in range(int(r.get('width') or 0) // 10)]
      print(len(cells), len(set(cells)))
      """, file,
    ])
    #expect(count.output == "4096 4096\n")
  }

  @Test("the picture in docs/page.md is what image draws")
  func picture() throws {
    let drawn = try Command.run([Fixtures.product("demo-loader"), "image", "--arch", "i386", "--format", "svg"])
    let documented = try String(contentsOfFile: "\(Fixtures.package)/docs/page-i386.svg", encoding: .utf8)
    #expect(drawn.status == 0 && drawn.output == documented, "make it again: see docs/page.md")
  }
}
