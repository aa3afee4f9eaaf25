// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Whether the kernel reports to this process which processes execute programs.
private let hearsOfExecutions: Bool = {
  func link(_ process: String, _ kind: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/\(kind)")
  }
  let connectors = try? FileHandle(forReadingFrom: URL(filePath: "/proc/net/connector")).readToEnd()
  guard String(decoding: connectors ?? Data(), as: UTF8.self).contains("cn_proc") else { return false }
  // The first PID and user namespaces have the same numbers in every kernel.
  return geteuid() == 0 && link("self", "pid") == "pid:[4026531836]" && link("self", "user") == "user:[4026531837]"
    && (link("1", "net") ?? link("self", "net")) == link("self", "net")
}()

@Suite(
  "Processes that enter a PID namespace with a session", .enabled(if: hearsOfExecutions))
struct AttachNamespaceTests {
  private static let loader = ProgramTests.loader
  private let container: PIDNamespace

  init() throws { container = try PIDNamespace() }

  private func run(_ words: String...) throws -> Command.Result { try Command.run([Self.loader] + words) }

  private func attach(_ options: String...) throws {
    let attached = try Command.run(
      [Self.loader, "attach", "\(container.process)", "--namespace", "--time", "@2040-06-01T00:00:00Z"] + options)
    #expect(attached.status == 0 && attached.output == "", "\(attached.output)")
  }

  @Test("get its page, their children too, and keep the kernel's after detach --namespace")
  func enter() throws {
    try attach()
    let shell = try container.enter(["/bin/sh"])
    try shell.waitForPage(true)
    #expect(try shell.answer("date +%Y") == "2040")
    #expect(try shell.answer("sh -c 'date +%Y; :'") == "2040")
    // What the session's filter leads to its page isn't attached to once more.
    #expect(try container.entered(Self.loader)["attached"] == 1)
    let detached = try run("detach", "\(container.process)", "--namespace")
    #expect(detached.status == 0, "\(detached.output)")
    for program in [shell, try container.enter(["/bin/sh"])] {
      try program.waitForPage(false)
      #expect(try program.answer("date +%Y") != "2040")
      #expect(try program.answer("sh -c 'date +%Y; :'") != "2040")
    }
    #expect(try run("time", "\(container.process)").status == 1)
  }

  @Test("get its page when it is not behind the kernel's clocks, where it is published at ticks")
  func ticks() throws {
    try attach("--clock-source", "tick")
    let shell = try container.enter(["/bin/sh"])
    try shell.waitForPage(true)
    #expect(try shell.answer("date +%Y") == "2040")
    #expect(try container.entered(Self.loader)["refused"] == 0)
  }

  @Test("get its page without a filter where following would take rights from them")
  func withoutFilter() throws {
    try attach()
    let shell = try container.enter(["-S", "65534", "/bin/bash"])
    try shell.waitForPage(true)
    // A program that it executes would end too soon.
    #expect(try shell.answer("printf '%(%Y)T\\n'") == "2040")
    #expect(try String(contentsOfFile: "/proc/\(shell.pid)/status", encoding: .utf8).contains("Seccomp:\t0"))
  }

  @Test("are not those of namespaces below it: attach counts them")
  func below() throws {
    let inner = try container.enter(["/bin/sh"])
    #expect(try inner.answer("unshare --pid --fork sh -c 'echo here; read -r line; echo gone'") == "here")
    let attached = try run("attach", "\(container.process)", "--namespace")
    #expect(
      attached.status == 0 && attached.output.contains("stay on the kernel's page (1 now)"),
      "\(attached.output)")
    for words in [["time", "\(container.process)"], ["ps", "--ours"]] {
      let listed = try Command.run([Self.loader] + words)
      #expect(listed.output.contains("1 in namespaces below it left out"), "\(words): \(listed.output)")
    }
    #expect(try inner.answer("") == "gone")
  }

  @Test("begin sessions of their own if they are demo-loader")
  func loaders() throws {
    try attach()
    let words = [Self.loader, "--time", "@2050-06-01T00:00:00Z", "/bin/sh"]
    for _ in 0..<3 { #expect(try container.enter(words).answer("date +%Y") == "2050") }
    #expect(try container.entered(Self.loader)["attached"] == 0)
  }

  @Test("are attached to by another watcher when one is killed, and by none with --no-follow")
  func watcherDies() throws {
    try attach()
    for _ in 0..<2 {
      // The session's supervisor starts it.
      try wait { try container.watcher() != nil }
      let watcher = try #require(try container.watcher())
      kill(watcher, SIGKILL)
      try wait { try container.watcher() ?? watcher != watcher }
      let shell = try container.enter(["/bin/sh"])
      try shell.waitForPage(true)
      #expect(try shell.answer("date +%Y") == "2040")
    }
    #expect(try run("detach", "\(container.process)", "--namespace").status == 0)
    try wait { try container.watcher() == nil }
    try attach("--no-follow")
    #expect(try container.watcher() == nil)
  }

  @Test("are counted: those that can't be attached to, with the reason in a line, and those that end before")
  func counts() throws {
    let directory = try TemporaryDirectory()
    let output = "\(directory.path)/output"
    let command = "\(Self.loader) attach \(container.process) --namespace --time @2040-06-01T00:00:00Z 2> \(output)"
    #expect(try Command.run(["/bin/sh", "-c", command]).status == 0)
    let traced = try container.enter(["/bin/sh"], through: ["/usr/bin/strace", "-f", "-o", "/dev/null"])
    #expect(try traced.answer("date +%Y") != "2040")
    try wait { try container.entered(Self.loader)["refused"] ?? 0 > 0 }
    // The line follows the count.
    try wait { try String(contentsOfFile: output, encoding: .utf8).hasSuffix("\n") }
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    #expect(
      !lines.isEmpty && lines.count <= 6
        && lines.allSatisfy { $0.contains(" has entered the namespace and is not attached to: ") }, "\(lines)")
    #expect(lines.contains { $0.contains("is traced by process") && $0.contains("(strace)") }, "\(lines)")
    let many = try Command.run([
      "/bin/sh", "-c",
      "for i in 1 2 3 4 5 6 7 8 9 10; do nsenter -p -t \(container.process) /bin/true || exit; done; echo done",
    ])
    #expect(many.output == "done\n")
    func sum() throws -> Int {
      let counts = try container.entered(Self.loader)
      return try ["attached", "ended", "refused", "unseen"].reduce(0) { $0 + (try #require(counts[$1])) }
    }
    try wait { try sum() >= 11 }
    let list = try run("ps", "--ours")
    #expect(list.output.contains(", namespace: "), "\(list.output)")
  }
}

/// Waits until something is so, which only an error keeps from happening.
private func wait(until isSo: () throws -> Bool) throws {
  for _ in 0..<6000 {
    if try isSo() { return }
    usleep(10_000)
  }
  throw Late()
}

private struct Late: Error {}

/// A PID namespace with a process that waits.
private final class PIDNamespace {
  let process: Int32
  private let starter: RunningCommand

  init() throws {
    starter = try RunningCommand("/usr/bin/unshare", ["--pid", "--fork", "--kill-child", "/bin/sleep", "1000000"])
    let children = "/proc/\(starter.pid)/task/\(starter.pid)/children"
    while true {
      let text = try String(contentsOfFile: children, encoding: .utf8)
      if let child = text.split(separator: " ").first.flatMap({ Int32($0) }),
        (try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8)) == "sleep\n"
      {
        process = child
        return
      }
      usleep(1000)
    }
  }

  /// A program that enters the namespace and reads commands, with options of nsenter before it.
  func enter(_ words: [String], through starter: [String] = []) throws -> EnteredShell {
    try EnteredShell(namespaceOf: process, words, through: starter)
  }

  /// What the session's counts are.
  func entered(_ loader: String) throws -> [String: Int] {
    struct Report: Decodable {
      struct Counts: Decodable { var attached, ended, refused, unseen: Int }
      var entered: Counts
    }
    let result = try Command.run([loader, "time", "\(process)", "--json"])
    let counts = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).entered
    return [
      "attached": counts.attached, "ended": counts.ended, "refused": counts.refused, "unseen": counts.unseen,
    ]
  }

  /// The process that attaches to what enters it.
  func watcher() throws -> Int32? {
    var namespace = stat()
    guard unsafe stat("/proc/\(process)/ns/pid", &namespace) == 0 else { return nil }
    return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.first { candidate in
      guard (try? String(contentsOfFile: "/proc/\(candidate)/comm", encoding: .utf8)) == "vdso-watcher\n" else {
        return false
      }
      let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(candidate)/fd")) ?? []
      return files.contains {
        var file = stat()
        return unsafe stat("/proc/\(candidate)/fd/\($0)", &file) == 0 && file.st_ino == namespace.st_ino
      }
    }
  }
}

/// A shell that has entered a PID namespace.
private final class EnteredShell {
  private(set) var pid: Int32 = 0
  private let program: AnsweringProgram

  init(namespaceOf target: Int32, _ words: [String], through starter: [String]) throws {
    program = try AnsweringProgram(starter + ["/usr/bin/nsenter", "-p", "-t", "\(target)"] + words)
    // It runs, and its own number for itself is that of the other namespace.
    #expect(try answer("echo here") == "here")
    pid = try Self.last(descendantOf: program.pid)
  }

  /// The last process of a chain of children.
  private static func last(descendantOf process: Int32) throws -> Int32 {
    let children = try String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    guard let child = children.split(separator: " ").first.flatMap({ Int32($0) }) else { return process }
    return try last(descendantOf: child)
  }

  /// The first line that a command prints.
  func answer(_ command: String) throws -> String { try program.answer(command) }

  /// Waits until it is on a session's page, or is not.
  func waitForPage(_ isThere: Bool) throws {
    try wait { try maps().contains("memfd:vdso-") == isThere }
  }

  /// Its mappings, of which one read returns a part.
  private func maps() throws -> String {
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/maps"))
    return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
  }

  deinit {
    if pid > 0 { kill(pid, SIGKILL) }
  }
}
