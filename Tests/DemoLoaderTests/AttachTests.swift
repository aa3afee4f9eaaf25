// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Yama lets an ordinary user trace its own children alone.
let mayTraceOthers =
  geteuid() == 0
  || (try? String(contentsOfFile: "/proc/sys/kernel/yama/ptrace_scope", encoding: .utf8))?.first ?? "0" == "0"

@Suite("Attaching to running programs", .enabled(if: mayTraceOthers))
struct AttachTests {
  static let loader = ProgramTests.loader

  static let glibc = ProgramKind(name: "glibc", compiler: ["gcc", "-pthread"])
  static let i386 = ProgramKind(name: "i386", compiler: UnusualProgram.i386 + ["-pthread"])
  private static let kinds = [glibc, ProgramKind(name: "musl, static", compiler: ["musl-gcc", "-static", "-pthread"])]
  static let wideI386 = ProgramKind(
    name: "i386, 64-bit time_t", compiler: i386.compiler + ["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64"])
  private static let kinds32 = [
    i386, ProgramKind(name: "i386, static", compiler: i386.compiler + ["-static"]), wideI386,
  ]
  static let isLong = ProcessInfo.processInfo.environment["ATTACH_COUNT"] != nil

  @Test(
    "a program is attached and detached while its threads read clocks", arguments: kinds,
    isLong ? [0, 1, 8, 200] : [0, 8])
  func attach(kind: ProgramKind, threads: Int) throws { try attachAndDetach(kind, threads) }

  @Test(
    "a 32-bit program is attached and detached while its threads read clocks", arguments: kinds32,
    isLong ? [0, 1, 8, 200] : [8])
  func attach32(kind: ProgramKind, threads: Int) throws { try attachAndDetach(kind, threads) }

  @Test("a program is attached and detached while its threads compute", arguments: [glibc, i386])
  func computing(kind: ProgramKind) throws { try attachAndDetach(kind, 8, compute: true) }

  private func attachAndDetach(_ kind: ProgramKind, _ threads: Int, compute: Bool = false) throws {
    let program = try AttachedProgram(kind, threads: threads, compute: compute)
    // The first readings leave mappings that belong to the state compared below.
    #expect(try program.hoursAhead() == "0 0 0")
    let (state, vdso, vector) = (try program.state, try program.vdso, try program.vector)
    for _ in 0..<Self.repetitions {
      let attached = try Command.run([
        Self.loader, "attach", "\(program.pid)", "--time", "+2d", "--clock", "REALTIME", "--no-follow",
      ])
      #expect(attached.status == 0, "\(attached.output)")
      #expect(try program.hoursAhead() == "48 48 48")
      let changed = try Command.run([Self.loader, "time", "\(program.pid)", "+3h"])
      #expect(changed.status == 0, "\(changed.output)")
      #expect(try program.hoursAhead() == "3 3 3")
      let again = try Command.run([Self.loader, "attach", "\(program.pid)"])
      #expect(again.status == 1 && again.output.contains("is attached already"), "\(again.output)")
      let detached = try Command.run([Self.loader, "detach", "\(program.pid)"])
      #expect(detached.status == 0, "\(detached.output)")
      #expect(try program.hoursAhead() == "0 0 0")
    }
    #expect(try program.state == state)
    #expect(try program.vdso == vdso)
    #expect(try program.vector == vector)
    #expect(try program.finish() == "0 failures\n")
    Tally.attachments.report(
      Self.repetitions, "\(kind.name), \(threads) threads that \(compute ? "compute" : "read clocks")")
  }

  @Test(
    "no monotonic clock goes back when a program is attached or detached, however far the page's clocks lag behind the kernel's later",
    arguments: [
      ("--clock-source tick", glibc, 20), ("--clock-source tick", i386, 2), ("--clock-source fixed", glibc, 2),
      ("--clock-source tsc", glibc, 2), ("--time x0.5", i386, 2), ("--time = --clock all", glibc, 2),
    ])
  func lateClocks(options: String, kind: ProgramKind, count: Int) throws {
    let options = options.split(separator: " ").map(String.init)
    let program = try AttachedProgram(kind, threads: 3)
    for _ in 0..<max(count, Self.repetitions) {
      let attached = try Command.run([Self.loader, "attach", "\(program.pid)", "--no-follow"] + options)
      #expect(attached.status == 0 && attached.output.isEmpty, "\(attached.output)")
      // Readings of the page come between the two.
      _ = try program.hoursAhead()
      #expect(try Command.run([Self.loader, "detach", "\(program.pid)"]).status == 0)
    }
    #expect(try program.finish() == "0 failures\n")
  }

  /// ATTACH_COUNT says how often: a thousand for the long form.
  static let repetitions =
    ProcessInfo.processInfo.environment["ATTACH_COUNT"].flatMap { Int($0) } ?? Tally.rounds(10) * 2

  @Test(
    "a program shows the old or the new time, and can be detached, if demo-loader is killed at any of its system calls",
    arguments: ["attach", "detach"], [glibc, i386])
  func deaths(verb: String, kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let killer = try Fixtures.compile("programs/call-killer.c", with: ["gcc"], in: directory)
    let program = try AttachedProgram(kind, threads: 2, mayBeInterrupted: true)
    #expect(try program.hoursAhead() == "0 0 0")
    let vdso = try program.vdso
    let cli = Fixtures.product("demo-loader-cli")
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var (round, isOver) = (0, false)
    while Self.isLong ? !isOver : round < Self.repetitions * 3 / (kind.name == "i386" ? 2 : 1) {
      round += 1
      let words = ["\(program.pid)"] + (verb == "attach" ? ["--time", "+2d", "--follow"] : [])
      if verb == "detach" {
        let attached = try Command.run([Self.loader, "attach", "\(program.pid)", "--time", "+2d", "--follow"])
        #expect(attached.status == 0, "seed \(seed): \(attached.output)")
      }
      // In the long form, kills it at each of its hundreds of calls in turn, until it ends before call `number`; otherwise at random calls.
      let number = Self.isLong ? round : Int.random(in: 1...1000, using: &random)
      isOver = try Command.run([killer, "\(number)", cli, verb] + words).status == 1
      let hours = try program.hoursAhead()
      #expect(["0 0 0", "48 48 48"].contains(hours), "seed \(seed): \(hours) after call \(number)")
      #expect(try program.priorities == [20], "seed \(seed): a priority of demo-loader's after call \(number)")
      // Without a listener, execve would fail.
      let executed = try program.hoursAhead("p")
      #expect(["0", "48"].contains(executed), "seed \(seed): \(executed) by exec after call \(number)")
      let detached = try Command.run([Self.loader, "detach", "\(program.pid)"])
      #expect(
        detached.status == 0 || detached.output.contains("is not attached"),
        "seed \(seed), \(number): \(detached.output)")
      #expect(try program.hoursAhead() == "0 0 0")
    }
    // The code of calls may be left behind the functions.
    #expect(try program.vdso.prefix(4096) == vdso.prefix(4096))
    #expect(try program.finish() == "0 failures\n")
    Tally.attachments.report(round, "killed during \(verb)")
  }

  /// The line with which attaching to a process is refused.
  static func refusal(_ process: Int32) throws -> String {
    let result = try Command.run([loader, "attach", "\(process)", "--time", "+1d"])
    #expect(result.status == 1 && result.output.split(separator: "\n").count == 1, "\(result.output)")
    return result.output
  }

  @Test("attach and detach refuse with one line a process that they can't change")
  func refusals() throws {
    #expect(try Self.refusal(2_000_000_000).contains("there is no process"))
    let started = try AttachedProgram(Self.glibc, threads: 0, through: [Self.loader, "--time", "+1d"])
    #expect(try Self.refusal(started.pid).contains("was started by demo-loader"))
    #expect(try started.finish() == "0 failures\n")
    let program = try AttachedProgram(Self.glibc, threads: 0)
    let detached = try Command.run([Self.loader, "detach", "\(program.pid)"])
    #expect(detached.status == 1 && detached.output.contains("is not attached"), "\(detached.output)")
    #expect(try program.hoursAhead() == "0 0 0")
  }
}
