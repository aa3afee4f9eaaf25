// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Debuggers, profilers, and the unwinders of exceptions and canceled threads look for the callers of a vDSO function.
@Suite("Frames of the page and of the kernel's functions")
struct FrameTests {
  /// Starts in which the page calls the kernel's functions with a frame of its own, without one, or not at all.
  static let ways =
    [
      ["--engine", "exec"], ["--engine", "exec", "--clock-source", "tsc"], ["--time", "+3d500ms"],
      ["--time", "x2", "--clock", "all"], ["--control"],
    ] + (isStatic ? loadWays : [])
  /// A launcher that is linked with shared libraries has them at the addresses where engine load would map the pages.
  private static let isStatic = ProcessInfo.processInfo.environment["DEMO_LOADER"] != nil
  private static let loadWays = [
    ["--engine", "load"], ["--engine", "load", "--no-follow", "--clock-source", "tsc"],
    ["--engine", "load", "--no-follow", "--time", "+3d500ms"],
  ]
  /// The program has frame pointers, and unwind tables also for code that throws nothing.
  static let flags = ["-O1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-fexceptions"]

  @Test(
    "unwinds through page and kernel at each instruction, with frame pointers and the compiler's unwinder",
    arguments: ways)
  func stepped(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let way = way == ["--control"] ? way + ["\(directory.path)/control"] : way
    let program = try Fixtures.compile("programs/frames.c", with: ["gcc"] + Self.flags, in: directory)
    let result = try Command.run([ProgramTests.loader] + way + [program])
    #expect(result.status == 0, "\(result.output)")
    // The test must pass through the kernel's functions where the page calls them.
    #expect(way.contains("tsc") || !result.output.contains("kernel's image 0;"), "\(result.output)")
  }

  @Test(
    "names each frame for gdb, in a running program and in a core file, which eu-stack reads as well",
    arguments: [["--engine", "exec"], ["--time", "+3d500ms"], ["--engine", "load"]], [["gcc"], UnusualProgram.i386])
  func named(way: [String], compiler: [String]) throws {
    // Under engine load only root's programs have their own /proc/PID/exe, by which gdb finds their names. gdb takes 32-bit ones for 64-bit
    // programs.
    if way.contains("load"), !Self.isStatic || geteuid() != 0 || compiler != ["gcc"] { return }
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/clock-spin.c", with: compiler + ["-g", "-O1"], in: directory)
    let core = "\(directory.path)/core"
    // The program is gdb's child, which Yama allows gdb to trace.
    let script = """
      "$@" > \(directory.path)/id & while ! [ -s \(directory.path)/id ]; do kill -0 $! || exit; sleep 0.05; done
      gdb -nx -batch -p $(cat \(directory.path)/id) -ex 'set $core = "\(core)"' -x \(Fixtures.path("programs/named-frames.py"))
      kill -KILL $(cat \(directory.path)/id)
      """
    let live = try Command.run(["sh", "-c", script, "sh", ProgramTests.loader] + way + [program])
    #expect(live.output.contains("in the kernel's functions: some"), "\(live.output)")
    #expect(!live.output.contains("unnamed"), "\(live.output)")
    let read = try Command.run(["gdb", "-nx", "-batch", "-ex", "backtrace", program, core])
    let frames = read.output.split(separator: "\n").filter { $0.hasPrefix("#") }
    #expect(
      frames.count > 2 && !frames[0].contains("??") && frames.last?.contains("main") == true,
      "\(read.output)")
    // The kernel's 32-bit clock functions have no unwind rules, and eu-stack doesn't guess.
    guard compiler == ["gcc"] else { return }
    let stack = try Command.run(["eu-stack", "--core", core, "-e", program]).output
    let lines = stack.split(separator: "\n").filter { $0.hasPrefix("#") }
    // The line of a frame without a name ends with its address.
    #expect(lines.first?.contains("vdso") == true && lines.contains { $0.hasSuffix("main") }, "\(stack)")
  }

  @Test(
    "the launcher leaves space below the kernel's pages under engine load, whatever addresses it gets",
    .enabled(if: isStatic))
  func spaceBelowKernelsPages() throws {
    // The kernel puts larger images on addresses for huge pages, and may put its own pages into a small gap behind them.
    let headers = try Command.run(["readelf", "-lW", ProgramTests.loader]).output
    let loads = headers.split(separator: "\n").filter { $0.hasPrefix("  LOAD") }.map { $0.split(separator: " ") }
    let ranges = loads.compactMap { line in
      Int(line[2].dropFirst(2), radix: 16).flatMap { start in
        Int(line[5].dropFirst(2), radix: 16).map { start..<start + $0 }
      }
    }
    let (first, last) = (try #require(ranges.first), try #require(ranges.last))
    #expect(last.upperBound - first.lowerBound < 2 << 20, "\(headers)")
    let script = """
      for start in $(seq 50); do
        "$@" --engine load cat /proc/self/maps | grep -B1 -m1 vvar | awk -F '[- ]' '{ print $1, $2 }' | xargs
      done
      """
    let starts = try Command.run(["sh", "-c", script, "sh", ProgramTests.loader]).output.split(separator: "\n")
    #expect(starts.count == 50)
    for start in starts {
      let addresses = start.split(separator: " ")
      #expect(addresses.count == 4 && addresses[1] == addresses[2], "\(start)")
    }
  }

  @Test("runs the destructors of threads that are canceled in page or kernel functions", arguments: ways)
  func cancelled(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let way = way == ["--control"] ? way + ["\(directory.path)/control"] : way
    let program = try Fixtures.compile(
      "programs/cancelled-readers.cpp", with: ["g++", "-O1", "-fnon-call-exceptions", "-pthread"], in: directory)
    let result = try Command.run([ProgramTests.loader] + way + [program])
    #expect(result.output == "destructors 40 of 40\n", "\(result.output)")
  }

  @Test(
    "runs the destructors of a thread that is canceled in a 32-bit system call", arguments: ["exec", "load"])
  func cancelledInCall(engine: String) throws {
    let directory = try TemporaryDirectory()
    let flags = ["-O1", "-fno-optimize-sibling-calls", "-fexceptions", "-pthread"]
    let program = try Fixtures.compile("corpus/cancelled.c", with: UnusualProgram.i386 + flags, in: directory)
    let result = try Command.run([ProgramTests.loader, "--engine", engine, program])
    #expect(result.output == "cancelled: 1, cleaned up: 1\n", "\(result.output)")
  }

  @Test("passes exceptions out of signal handlers through page and kernel functions", arguments: ways)
  func exceptions(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let way = way == ["--control"] ? way + ["\(directory.path)/control"] : way
    let flags = ["g++", "-O1", "-fnon-call-exceptions", "-fasynchronous-unwind-tables", "-pthread"]
    let program = try Fixtures.compile("corpus/vdso-exceptions.cpp", with: flags, in: directory)
    let result = try Command.run([ProgramTests.loader] + way + [program])
    #expect(result.status == 0, "\(result.output)")
  }
}
