// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The messages that people read if demo-loader can't do what they asked for. Each names one mistake, in the words that the user wrote.
@Suite("Error messages")
struct MessageTests {
  private static let loader = ProgramTests.loader

  /// A command line, the exit status, words that must be in the output, and words that must not.
  struct Row: Sendable {
    var arguments: [String]
    var status: Int32 = 125
    var words: String
    var not = "\u{0}"
  }

  static let rows = [
    Row(arguments: ["symbosl", "--json"], status: 127, words: "was \"demo-loader symbols\" meant?"),
    Row(arguments: ["resovle"], status: 127, words: "was \"demo-loader resolve\" meant?"),
    Row(arguments: ["nonexistent"], status: 127, words: "command not found", not: "meant?"),
    Row(arguments: ["-V"], words: "Unknown option '-V'", not: "<program>'\n"),
    Row(arguments: ["--tiem", "+1d", "date"], words: "Did you mean '--time'?"),
    Row(arguments: ["run"], words: "Missing expected argument '<program>'"),
    Row(arguments: ["--verbose", "run", "true"], status: 127, words: "was \"demo-loader run\" meant?"),
    Row(arguments: ["--vdso=", "date"], words: "--vdso= has no value", not: "Missing"),
    Row(arguments: ["help", "symbosl"], words: "was \"demo-loader help symbols\" meant?"),
    Row(arguments: ["help", "nosuch"], words: "there is no command nosuch", not: "OVERVIEW"),
    Row(arguments: ["auxv", "--pid", "-5"], status: 1, words: "there is no such process", not: "error 2"),
    Row(arguments: ["symbols", "--pid", "999999999"], status: 1, words: "there is no such process", not: "error 2"),
    Row(arguments: ["time", "1", "--clock", "all"], words: "--clock selects the clocks that a new time is for"),
    Row(arguments: ["--deterministic", "--clock-source", "tsc", "true"], words: "omit --clock-source"),
    Row(
      arguments: ["image", "--arch", "x86_64", "--flavor", "mach"], words: "Usage: demo-loader image",
      not: "<subcommand>"),
    Row(arguments: ["--no-such=1"], words: "Unknown option '--no-such"),
    Row(arguments: ["--follow"], words: "Missing expected argument '<program>'"),
    Row(arguments: [], words: "name a program to run"),
    Row(arguments: ["--vdso", "none", "--clock-source", "tsc", "true"], words: "--clock-source needs our page"),
    Row(arguments: ["image", "--json", "--output", "/dev/null"], words: "--json describes the page"),
    Row(arguments: ["bench", "--json", "--csv"], words: "omit one of them"),
    Row(
      arguments: ["--vdso", "/etc/passwd", "true"], words: "pass the file of a vDSO image",
      not: "pass a program, shared object"),
  ]

  @Test("error messages name what is wrong", arguments: rows)
  func wrong(row: Row) throws {
    let result = try Command.run([Self.loader] + row.arguments)
    #expect(result.status == row.status && result.output.contains(row.words), "\(result)")
    #expect(!result.output.contains(row.not), "\(result)")
  }

  @Test("help lists the options of run and the other commands, in at most 80 columns")
  func help() throws {
    let all = try Command.run([Self.loader, "--help"])
    #expect(all.status == 0)
    for words in ["--time <spec>", "--clock-source <source>", "--follow/--no-follow", "-v, --verbose", "  symbols "] {
      #expect(all.output.contains(words), "\(words)")
    }
    for command in ["--help", "run --help", "time --help", "image --help", "ps --help", "bench --help"] {
      let help = try Command.run([Self.loader] + command.split(separator: " ").map(String.init)).output
      // A line of the examples that starts at the margin was too long and has been wrapped.
      let examples = help.split(separator: "\n\n").first { $0.contains("Examples:") } ?? ""
      #expect(examples.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(help)")
      #expect(examples.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("  ") }, "\(help)")
    }
    #expect(try Command.run([Self.loader, "--version"]).output.hasPrefix("demo-loader "))
  }

  @Test("reports where it looked for demo-loader-cli and why it can't execute it, and finds it without /proc")
  func commandLineInterface() throws {
    let directory = try TemporaryDirectory()
    let copy = "\(directory.path)/demo-loader"
    #expect(try Command.run(["cp", Self.loader, copy]).status == 0)
    let none = try Command.run([copy, "--version"])
    #expect(none.status == 125 && none.output.contains("../libexec"), "\(none)")
    try directory.writeScript("#!/bin/sh\necho its arguments: $*\n", named: "demo-loader-cli", mode: 0o644)
    // root may execute a file that has an execute bit for any user.
    let closed = try Command.run([copy, "--version"])
    #expect(closed.status == 125 && closed.output.contains("demo-loader-cli: Permission denied"), "\(closed)")
    #expect(try Command.run(["chmod", "755", "\(directory.path)/demo-loader-cli"]).status == 0)
    let user = getuid() == 0 ? [] : ["--map-root-user"]
    let hidden = try Command.run(
      ["unshare", "--mount"] + user + [
        "sh", "-c", "mount -t tmpfs tmpfs /proc && exec \"$@\"", "sh", copy, "--version",
      ])
    #expect(hidden.output == "its arguments: --version\n", "\(hidden)")
  }

  @Test("error messages name the option that was given, and not one that it implies", .enabled(if: getuid() == 0))
  func givenOption() throws {
    let directory = try TemporaryDirectory()
    let container = try Fixtures.compile("programs/container.c", with: ["gcc"], in: directory)
    for (option, not) in [("--deterministic", "--no-aslr"), ("--no-aslr", "--deterministic")] {
      let result = try Command.run([container, Self.loader, option, "true"])
      #expect(result.status == 125 && result.output.split(separator: "\n").count == 1, "\(result)")
      #expect(result.output.contains("omit \(option)") && !result.output.contains(not), "\(result)")
    }
  }

  @Test("reports a stack that is too small for the injected calls, and runs the program")
  func stack() throws {
    let started = try Command.run(
      ["sh", "-c", "ulimit -s 16; exec \"$@\"", "sh", Self.loader, "--engine", "exec", "/bin/true"])
    #expect(started.status == 0, "\(started)")
    #expect(started.output.isEmpty || started.output.contains("ulimit -s"), "\(started)")
  }
}
