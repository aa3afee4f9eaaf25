// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("Output that can't be written")
struct OutputTests {
  @Test(
    "ends a command with one line that names the output and the reason if it can't be written",
    arguments: [
      ("--help > /dev/full", "standard output", "space"),
      ("--version > /dev/full", "standard output", "space"),
      ("auxv > /dev/full", "standard output", "space"),
      ("image --format report > /dev/full", "standard output", "space"),
      ("image --output /dev/full", "/dev/full", "space"),
      ("image --output /nonexistent/page", "/nonexistent/page", "No such file"),
      ("bench --rounds 1 --csv > /dev/full", "standard output", "space"),
      ("bench --rounds 1 --json > /dev/full", "standard output", "space"),
      ("bench --rounds 1 --svg /dev/full", "/dev/full", "space"),
      ("bench --rounds 1 --svg /nonexistent/picture", "/nonexistent/picture", "No such file"),
    ])
  func unwritable(arguments: String, file: String, reason: String) throws {
    let result = try Command.run(["sh", "-c", "\(Fixtures.product("demo-loader")) \(arguments)"])
    #expect(result.status == 1, "\(result.output)")
    #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
    #expect(result.output.contains(file) && result.output.contains(reason), "\(result.output)")
  }

  @Test("replaces the contents of an existing output file")
  func shorter() throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page"
    for format in ["bin", "elf"] {
      let result = try Command.run([Fixtures.product("demo-loader"), "image", "--format", format, "--output", file])
      #expect(result.status == 0, "\(result.output)")
    }
    #expect(try Command.run(["stat", "-c", "%s", file]).output != "4096\n")
  }
}
