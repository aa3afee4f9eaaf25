// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// The user that starts a program: this process's user, and if that is the superuser, also one without rights.
enum Starter: String, CaseIterable, Sendable {
  case this, nobody

  static var all: [Starter] { getuid() == 0 ? allCases : [.this] }

  var prefix: [String] {
    self == .this ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
  }
}

@Suite("Choice of following")
struct FollowingPolicyTests {
  private static let loader = ProgramTests.loader

  /// What the program `image` reports about the page of the shell's child: ours, the kernel's, or none.
  private func childsPage(_ starter: Starter, _ options: [String], _ image: String) throws -> String {
    let result = try Command.run(starter.prefix + [Self.loader] + options + ["sh", "-c", "\(image) | head -2; exit 0"])
    #expect(result.status == 0, "\(options): \(result.output)")
    let lines = result.output.split(separator: "\n")
    return lines.contains("image: none") ? "none" : lines.contains("ours: yes") ? "ours" : "kernel's"
  }

  @Test(
    "follows programs exactly where they would otherwise see something other than the first one", arguments: Starter.all
  )
  func due(starter: Starter) throws {
    let directory = try TemporaryDirectory()
    let image = try Fixtures.compile("programs/vdso-choice.c", with: ["gcc"], in: directory)
    let page = "\(directory.path)/page.so"
    #expect(try Command.run([Self.loader, "image", "--output", page]).status == 0)
    try FileManager.default.createDirectory(atPath: "\(directory.path)/sockets", withIntermediateDirectories: true)
    #expect(unsafe chmod("\(directory.path)/sockets", 0o777) == 0)
    for (options, expected) in [
      ([], "kernel's"), (["--engine", "exec"], "kernel's"), (["--vdso", "kernel"], "kernel's"),
      (["--no-aslr"], "kernel's"), (["--follow"], "ours"), (["--time", "+1d"], "ours"),
      (["--time", "+1d", "--no-follow"], "kernel's"), (["--control", "\(directory.path)/sockets/\(starter)"], "ours"),
      (["--deterministic"], "ours"), (["--time", "+1d", "--strict"], "ours"), (["--clock-source", "tsc"], "ours"),
      (["--clock-source", "tick"], "ours"), (["--clock-source", "host"], "kernel's"), (["--vdso", "none"], "none"),
      (["--vdso", page], "ours"),
    ] as [([String], String)] {
      #expect(try childsPage(starter, options, image) == expected, "\(options)")
    }
  }

  @Test("changes nothing for children in a plain start: no filter, no waived privileges", arguments: Starter.all)
  func plain(starter: Starter) throws {
    let command = ["sh", "-c", "grep -E '^(Seccomp|NoNewPrivs|TracerPid)' /proc/self/status"]
    let direct = try Command.run(starter.prefix + command).output
    #expect(try Command.run(starter.prefix + [Self.loader] + command).output == direct)
    // With --follow the probe prints something else.
    #expect(try Command.run(starter.prefix + [Self.loader, "--follow"] + command).output != direct)
  }

  @Test("leaves a program its own listener and seccomp's strict mode in a plain start", arguments: Starter.all)
  func seccomp(starter: Starter) throws {
    let directory = try TemporaryDirectory()
    let listener = try Fixtures.compile("programs/own-listener.c", with: ["gcc"], in: directory)
    let strict = try directory.compile(
      """
      #include <sys/prctl.h>
      #include <sys/syscall.h>
      #include <unistd.h>
      int main(void) { return prctl(PR_SET_SECCOMP, 1) ? 1 : (int)syscall(SYS_exit, 7); }
      """, named: "strict", with: ["gcc"])
    for (command, status) in [([listener, "/bin/true"], Int32(0)), ([strict], 7)] {
      let plain = try Command.run(starter.prefix + [Self.loader] + command)
      #expect(plain.status == status && plain.output.isEmpty, "\(command): \(plain)")
      // The kernel allows a tree one listener, and no strict mode under a filter. A followed program has both a listener and a filter.
      #expect(try Command.run(starter.prefix + [Self.loader, "--follow"] + command).status != status, "\(command)")
    }
  }

  /// A situation in which demo-loader can't follow programs, and words of the reason that it gives.
  private struct Hindrance {
    var prefix: [String]
    var options: [String] = []
    var words: String
  }

  private func hindrances(_ directory: TemporaryDirectory) throws -> [Hindrance] {
    let listener = try Fixtures.compile("programs/own-listener.c", with: ["gcc"], in: directory)
    let filter = try Fixtures.compile("programs/forbid-call.c", with: ["gcc"], in: directory)
    return [
      Hindrance(prefix: [listener], words: "another process already intercepts the system calls of this tree"),
      Hindrance(prefix: [filter, "1", "317"], words: "cannot intercept system calls: Operation not permitted"),
      Hindrance(prefix: [filter, "38", "317"], words: "cannot intercept system calls: Function not implemented"),
      Hindrance(prefix: [filter, "1", "101"], words: "cannot trace programs: Operation not permitted"),
      Hindrance(prefix: ["strace", "-f", "-o", "/dev/null"], words: "programs can't be traced here"),
      Hindrance(
        prefix: [], options: ["--engine", "load"], words: "engine load gives our page only to the first program"),
    ]
  }

  @Test("warns if following is impossible, not with --no-follow, and fails with --follow", arguments: Starter.all)
  func hindered(starter: Starter) throws {
    let directory = try TemporaryDirectory()
    let program = ["sh", "-c", "date +%Y; env date +%Y"]
    let this = try Command.run(["date", "+%Y"]).output
    for hindrance in try hindrances(directory) {
      func run(_ options: [String], _ program: [String] = program) throws -> Command.Result {
        try Command.run(starter.prefix + hindrance.prefix + [Self.loader] + hindrance.options + options + program)
      }
      let warned = try run(["--time", "@2001-06-01"])
      #expect(warned.status == 0, "\(warned.output)")
      let lines = warned.output.split(separator: "\n")
      #expect(lines.count == 3 && lines.dropFirst() == [this.dropLast(), this.dropLast()], "\(warned.output)")
      #expect(lines[0].contains("programs that sh executes will see the host's time"), "\(warned.output)")
      #expect(lines[0].contains(hindrance.words) && lines[0].contains("--no-follow"), "\(warned.output)")
      // The first program itself shows the date.
      #expect(try run(["--time", "@2001-06-01", "--no-follow"], ["date", "+%Y"]).output == "2001\n")
      #expect(try run([], ["echo", "done"]).output == "done\n")
      for options in [["--follow"], ["--time", "+1d", "--strict"], ["--deterministic"], ["--time", "step 1s"]] {
        let refused = try run(options, ["echo", "started"])
        #expect(refused.status == 125 && refused.output.split(separator: "\n").count == 1, "\(refused.output)")
        let option = options[0] == "--time" && options.count == 2 ? "a step in --time" : options.last!
        #expect(refused.output.hasPrefix("demo-loader: \(option): "), "\(refused.output)")
        #expect(refused.output.contains(hindrance.words), "\(refused.output)")
      }
    }
  }

  @Test("prints a message for a set-user-ID program of the tree that gains no privileges", .enabled(if: getuid() == 0))
  func lostRights() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("trust/rights.c", with: ["gcc"], in: directory)
    #expect(unsafe chmod(program, 0o4755) == 0)
    let command = Starter.nobody.prefix + [Self.loader]
    let lost = try Command.run(command + ["--time", "+1d", "sh", "-c", "\(program); exit 0"])
    #expect(lost.output.contains("ours user 65534"), "\(lost.output)")
    let line = lost.output.split(separator: "\n").first { $0.hasPrefix("demo-loader: ") }
    #expect(line?.contains("gains no rights of another user") == true, "\(lost.output)")
    #expect(line?.contains("--no-follow") == true, "\(lost.output)")
    for options in [[], ["--time", "+1d", "--no-follow"]] {
      let kept = try Command.run(command + options + ["sh", "-c", "\(program); exit 0"])
      #expect(kept.output.hasPrefix("kernel user 0") && !kept.output.contains("demo-loader"), "\(kept.output)")
    }
    // A process that already had no_new_privs loses nothing.
    let waived = try Command.run(
      Starter.nobody.prefix + ["--no-new-privs", Self.loader, "--time", "+1d", "sh", "-c", "\(program); exit 0"])
    #expect(waived.output.hasPrefix("ours user 65534") && !waived.output.contains("demo-loader"), "\(waived.output)")
    // As the first program it keeps its rights and sees the host's time. A start that requires our page fails.
    let first = try Command.run(command + ["--time", "+1d", program])
    #expect(first.output.contains("kernel user 0") && first.output.contains("see the host's time"), "\(first.output)")
    let refused = try Command.run(command + ["--time", "+1d", "--strict", program])
    #expect(refused.status == 125 && refused.output.split(separator: "\n").count == 1, "\(refused.output)")
  }

  @Test("prints no count of system calls with --verbose if none were intercepted")
  func untold() throws {
    let unwatched = try Command.run([Self.loader, "--verbose", "--time", "+1d", "--no-follow", "true"])
    #expect(!unwatched.output.contains("no system call bypassed"), "\(unwatched.output)")
    let left = try Command.run(
      [Self.loader, "--verbose", "--time", "+1d", "strace", "-f", "-o", "/dev/null", "/bin/true"])
    #expect(left.output.contains("programs that saw the host's time: 1"), "\(left.output)")
    #expect(!left.output.contains("no system call bypassed"), "\(left.output)")
  }

  @Test("reports that a program that may not be read sees the host's time", .enabled(if: getuid() == 0))
  func unreadable() throws {
    let directory = try TemporaryDirectory()
    let program = "\(directory.path)/closed"
    #expect(try Command.run(["install", "-m", "0711", "/bin/date", program]).status == 0)
    // The program runs as the first program, and as a child whose own standard error is elsewhere.
    for command in [program, "sh -c '\(program) 2>/dev/null; exit 0'"] {
      // Standard error is a pipe of the user's own, and a pipe of another user's, which can't be reopened.
      for end in [" 2>&1 | cat", ""] {
        let script = "\(Self.loader) --time @2001-06-01 \(command)\(end)"
        let result = try Command.run(Starter.nobody.prefix + ["sh", "-c", script])
        #expect(result.status == 0 && result.output.contains("sees the host's time"), "\(result.output)")
        #expect(result.output.contains("not read; make its file readable"), "\(result.output)")
      }
    }
  }

  @Test("reports that a plain start has no session whose time could be changed")
  func noSession() throws {
    let program = try RunningCommand(Self.loader, ["/bin/sleep", "1000"])
    for _ in 0..<1000
    where (try? String(contentsOfFile: "/proc/\(program.pid)/comm", encoding: .utf8)) != "sleep\n" { usleep(10_000) }
    let result = try Command.run([Self.loader, "time", "\(program.pid)", "+1d"])
    #expect(result.status == 1 && result.output.contains("--control"), "\(result.output)")
    #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
  }
}
