// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The manual page and the shells' completions, which scripts generate from the command's own description.
@Suite("Manual page and completions")
struct ManualTests {
  private static let interface = Fixtures.product("demo-loader-cli")
  private static let scripts = "\(Fixtures.package)/Scripts"

  @Test("the manual page passes mandoc's checks, and explains how programs are started and what exit statuses mean")
  func manual() throws {
    let directory = try TemporaryDirectory()
    let page = try Command.run(["\(Self.scripts)/manual", Self.interface])
    #expect(page.status == 0, "\(page)")
    let file = "\(directory.path)/demo-loader.1"
    try page.output.write(toFile: file, atomically: false, encoding: .utf8)
    let found = try Command.run(["mandoc", "-Tlint", "-Wwarning", file])
    #expect(found.status == 0 && found.output.isEmpty, "\(found)")
    let text = try Command.run(["sh", "-c", "mandoc -Tascii \(file) | col -bx"]).output
    for words in [
      "demo-loader [options] [--] program [argument ...]", "--no-follow", "EXIT STATUS", "127 ", "ENVIRONMENT", "FILES",
      "SEE ALSO", "demo-loader time session [spec ...]", "demo-loader --time +3d date",
    ] {
      #expect(text.contains(words), "\(words)")
    }
  }

  /// A command line, and some of its completions.
  static let lines: [(line: String, words: [String])] = [
    ("demo-loader --clock-s", ["--clock-source"]), ("demo-loader --engine ", ["auto", "exec", "load"]),
    ("demo-loader --vdso ", ["kernel", "none", "ours", "page.so"]), ("demo-loader symb", ["symbols"]),
    ("demo-loader dircol", ["dircolors"]), ("demo-loader run dircol", ["dircolors"]),
    ("demo-loader --time +1d dircol", ["dircolors"]), ("demo-loader -v --engine exec dircol", ["dircolors"]),
    ("demo-loader ls pag", ["page.so"]),
    ("demo-loader --no-follow cat pag", ["page.so"]), ("demo-loader lint pag", ["page.so"]),
    ("demo-loader lint --ar", ["--arch"]), ("demo-loader lint --arch aar", ["aarch64"]),
    ("demo-loader symbols --file pag", ["page.so"]), ("demo-loader auxv --core pag", ["page.so"]),
    ("demo-loader image --format hea", ["header"]), ("demo-loader help l", ["lint"]),
    ("demo-loader time pag", ["page.so"]),
  ]

  @Test("shells complete options, their values, programs, and what follows a program", arguments: ["bash", "fish"])
  func completions(shell: String) throws {
    let directory = try TemporaryDirectory()
    try "".write(toFile: "\(directory.path)/page.so", atomically: false, encoding: .utf8)
    let scripts = try TemporaryDirectory()
    let script = "\(scripts.path)/completions"
    let made = try Command.run(["\(Self.scripts)/completions", Self.interface, shell])
    #expect(made.status == 0)
    try made.output.write(toFile: script, atomically: false, encoding: .utf8)
    let asking = Fixtures.path("shell/complete.\(shell)")
    for (line, words) in Self.lines {
      let found = try Command.run(
        [
          "env", "HOME=\(directory.path)", "sh", "-c",
          "cd \(directory.path) && exec \(shell) \(asking) \(script) '\(line)'",
        ])
      #expect(found.output.split(separator: "\n").map(String.init) == words, "\(line): \(found)")
    }
  }

  @Test("zsh's completions are correct shell text")
  func zsh() throws {
    let made = try Command.run(
      ["sh", "-c", "\(Self.scripts)/completions \(Self.interface) zsh | zsh -n /dev/stdin"])
    #expect(made.status == 0 && made.output.isEmpty, "\(made)")
  }
}
