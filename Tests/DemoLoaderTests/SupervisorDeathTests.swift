// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The supervisor's death")
struct SupervisorDeathTests {
  private static let loader = ProgramTests.loader

  /// The number of starts, which SUPERVISOR_DEATHS changes.
  private static let count =
    ProcessInfo.processInfo.environment["SUPERVISOR_DEATHS"].flatMap { Int($0) } ?? 150

  /// The number of starts for each exit status, the number of processes that got the signal, and the programs' output.
  private struct Outcome {
    var statuses: [Int: Int] = [:]
    var killed = 0
    var output: String

    init(_ output: String) {
      self.output = output
      for line in output.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count == 2, let count = Int(words[1]) else { continue }
        if words[0] == "killed" { killed = count }
        if let status = Int(words[0]) { statuses[status] = count }
      }
    }

    func lines(_ line: String) -> Int { output.split(separator: "\n").count { $0 == line } }
  }

  private func run(_ signal: Int32, _ count: Int, within microseconds: Int, _ command: [String]) throws -> Outcome {
    let directory = try TemporaryDirectory()
    let killer = try Fixtures.compile("programs/supervisor-killer.c", with: ["gcc", "-O1"], in: directory)
    let seed = UInt32.random(in: 0 ... .max)
    print("supervisor-killer \(signal) \(count) \(seed) \(microseconds)")
    let result = try Command.run([killer, "\(signal)", "\(count)", "\(seed)", "\(microseconds)"] + command)
    return Outcome(result.output)
  }

  @Test(
    "kills no program when the supervisor dies at any moment: each runs on our page or on the kernel's",
    arguments: ["--follow", "--no-follow"],
    [ProgramKind(name: "glibc, static", compiler: ["gcc", "-static"]), .i386])
  func anyMoment(option: String, kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: kind.compiler, in: directory)
    let outcome = try run(SIGKILL, Self.count, within: 2500, [Self.loader, "--engine", "exec", option, program])
    // On the kernel's page the program's own check fails.
    #expect(outcome.statuses[0, default: 0] + outcome.statuses[1, default: 0] == Self.count, "\(outcome.output)")
    #expect(outcome.statuses[0, default: 0] > 0 && outcome.killed > Self.count / 10, "\(outcome.output)")
  }

  @Test("never steps a clock back when the supervisor dies")
  func steps() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/step-watch.c", with: ["gcc"], in: directory)
    var outcome = Outcome("on the kernel's page")
    // If the supervisor ended before it had injected the pages, there are no steps to observe.
    for _ in 0..<20 where outcome.lines("on the kernel's page") == 1 {
      outcome = try run(
        SIGKILL, 0, within: 10_000,
        [Self.loader, "--time", "@1000000000 step 1s", program, "\(20 * Self.count)", "2020"])
    }
    #expect(outcome.lines("0 failures") == 1 && outcome.killed > 0, "\(outcome.output)")
  }

  @Test("ends a stopped supervisor that has no programs left")
  func stoppedAtTheEnd() throws {
    // The killer ends when the processes that it stopped have ended. A stopped supervisor that a task waits for is replaced, and the next
    // one is stopped too.
    let outcome = try run(SIGSTOP, 0, within: 10_000, [Self.loader, "--follow", "sleep", "0.5"])
    #expect(outcome.statuses == [0: 1] && outcome.killed > 0, "\(outcome.output)")
  }

  @Test(
    "costs at most the page of programs that are being executed when the supervisor dies",
    arguments: [SIGKILL, SIGSTOP])
  func storm(signal: Int32) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc", "-static"], in: directory)
    let script = "seq \(2 * Self.count) | xargs -P 4 -n 1 \(program)"
    let outcome = try run(
      signal, 0, within: signal == SIGKILL ? 10_000 : 100_000,
      [Self.loader, "--engine", "exec", "--follow", "sh", "-c", script])
    let (ours, kernels) = (outcome.lines("0 failures"), outcome.lines("2 failures"))
    #expect(ours + kernels == 2 * Self.count, "\(outcome.output)")
    #expect(outcome.killed > 0 && kernels <= 4 * outcome.killed, "\(outcome.output)")
    // xargs returns 123 if a program failed, and 124 or more if one couldn't be executed.
    #expect(outcome.statuses.keys.allSatisfy { $0 == 0 || $0 == 123 }, "\(outcome.output)")
  }

  @Test("keeps the session when the supervisor dies while it answers requests")
  func requests() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc", "-static"], in: directory)
    let control = "\(directory.path)/control"
    // The time stays what it is: a program that is still checking its page would see a change.
    let request = "\(Self.loader) time \(control) +1d > \(directory.path)/answers 2>&1; exec \(program)"
    let script = "seq \(Self.count / 3) | xargs -P 4 -n 1 sh -c '\(request)'"
    let outcome = try run(
      SIGKILL, 0, within: 10_000,
      [Self.loader, "--engine", "exec", "--time", "+1d", "--control", control, "sh", "-c", script])
    #expect(outcome.lines("0 failures") + outcome.lines("2 failures") == Self.count / 3, "\(outcome.output)")
    #expect(outcome.killed > 0, "\(outcome.output)")
    #expect(outcome.statuses.keys.allSatisfy { $0 == 0 || $0 == 123 }, "\(outcome.output)")
  }

  @Test("finds a standby that was not replaced for questions, but is for a change of the time")
  func questions() throws {
    let program = try AttachedProgram(AttachTests.glibc, threads: 0, through: [Self.loader, "--time", "+1d"])
    func run(_ words: String...) throws {
      let result = try Command.run([Self.loader, "time", "\(program.pid)"] + words)
      #expect(result.status == 0, "\(result.output)")
    }
    func standbys() throws -> Set<Int32> { Set(try Self.processes(named: "vdso-standby", onPageOf: program.pid)) }
    try Self.wait { try standbys().count == 1 }
    let first = try standbys()
    for _ in 0..<3 { try run() }
    #expect(try Command.run([Self.loader, "ps", "\(program.pid)"]).status == 0)
    #expect(try standbys() == first)
    try run("+2d")
    // The supervisor replaces it after the answer.
    try Self.wait { try standbys().isDisjoint(with: first) && standbys().count == 1 }
    for supervisor in try Self.processes(named: "vdso-supervisor", onPageOf: program.pid) { kill(supervisor, SIGKILL) }
    #expect(try program.hoursAhead() == "48 48 48")
    try run("+3d")
    #expect(try program.hoursAhead() == "72 72 72")
    #expect(try program.finish() == "0 failures\n")
  }

  /// The processes of that name which have the time page of a process open.
  private static func processes(named name: String, onPageOf process: Int32) throws -> [Int32] {
    let files = FileManager.default
    func pages(_ process: Int32) -> Set<String> {
      let maps = (try? FileHandle(forReadingFrom: URL(filePath: "/proc/\(process)/maps")).readToEnd()) ?? Data()
      return Set(
        String(decoding: maps, as: UTF8.self).split(separator: "\n")
          .filter { $0.contains("memfd:vdso-time") }.map { String($0.split(separator: " ")[4]) })
    }
    let own = pages(process)
    return try files.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter {
      (try? String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8)) == "\(name)\n"
        && !pages($0).isDisjoint(with: own)
    }
  }

  private static func wait(until isSo: () throws -> Bool) throws {
    for _ in 0..<6000 {
      if try isSo() { return }
      usleep(10_000)
    }
    Issue.record("it didn't happen")
  }
}
