// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The list of processes")
struct ProcessListTests {
  private struct Report: Decodable {
    struct Row: Decodable {
      var pid: Int32
      var command: String
      var vdso: String
      var address: UInt64?
      var clockSource: String?
      var hasOtherTime: Bool?
      var timekeeper: Int32?
      var hasLostTimekeeper: Bool?
      var session: UInt64?
      var name: String?
      var problem: String?
    }
    var processes: [Row]
    var counts: [String: Int]
    var clockSources: [String: Int]
  }

  private static let loader = ProgramTests.loader

  private func report(_ arguments: [String]) throws -> Report {
    try InspectionTests.json(Report.self, ["ps"] + arguments)
  }

  /// Starts `program` with options, and returns it once it has replaced the loader.
  private func start(_ options: [String], _ program: [String] = ["/bin/sleep", "1000"]) throws -> RunningCommand {
    let command = try RunningCommand(Self.loader, options + program)
    let name = program[0].split(separator: "/").last!
    for _ in 0..<1000 {
      let comm = try? String(contentsOfFile: "/proc/\(command.pid)/comm", encoding: .utf8)
      // The program gets its page while it is traced.
      let status = try? String(contentsOfFile: "/proc/\(command.pid)/status", encoding: .utf8)
      if comm == "\(name)\n" && status?.contains("TracerPid:\t0\n") == true { break }
      usleep(10_000)
    }
    return command
  }

  /// Options, and the vDSO, clock source and other time that the list shows for them.
  static let ways: [(options: [String], vdso: String, clockSource: String?, hasOtherTime: Bool?)] = [
    ([], "ours", "host", false),
    (["--clock-source", "tsc"], "ours", "tsc", false),
    (["--clock-source", "tick"], "ours", "tick", false),
    (["--clock-source", "fixed"], "ours", "fixed", false),
    (["--time", "+3d"], "ours", "host", true),
    (["--vdso", "kernel"], "kernel", nil, nil),
    (["--vdso", "none"], "none", nil, nil),
  ]

  @Test(
    "ps shows whose vDSO a process has, its clock source, and whether its time is another one", arguments: ways.indices,
    ProgramTests.engines)
  func kinds(index: Int, engine: String) throws {
    let way = Self.ways[index]
    let process = try start(["--engine", engine] + way.options)
    let report = try report(["\(process.pid)"])
    let row = try #require(report.processes.first)
    #expect(row.pid == process.pid && row.command == "sleep" && report.processes.count == 1)
    #expect(
      row.vdso == way.vdso && row.clockSource == way.clockSource && row.hasOtherTime == way.hasOtherTime, "\(row)")
    #expect(report.counts == [way.vdso: 1])
    #expect(report.clockSources == (way.clockSource.map { [$0: 1] } ?? [:]))
    // The mapping in /proc is an independent source.
    let maps = try String(contentsOfFile: "/proc/\(process.pid)/maps", encoding: .utf8).split(separator: "\n")
    let timePage = maps.first { $0.contains("memfd:vdso-time") }?.split(separator: " ")
    #expect(row.session == timePage.flatMap { UInt64($0[4]) })
    if way.vdso == "ours" {
      let start = timePage.flatMap { UInt64($0[0].split(separator: "-")[0], radix: 16) }
      #expect(row.address == start.map { $0 + 8192 })
    }
  }

  @Test("ps recognizes 32-bit programs and other images")
  func otherImages() throws {
    let directory = try TemporaryDirectory()
    let source = "#include <unistd.h>\nint main(void) { pause(); }\n"
    let program = try directory.compile(source, named: "waiter", with: UnusualProgram.i386)
    for engine in ProgramTests.engines {
      let process = try start(["--engine", engine, "--clock-source", "tsc"], [program])
      let row = try #require(try report(["\(process.pid)"]).processes.first)
      #expect(row.vdso == "ours" && row.clockSource == "tsc" && row.command == "waiter", "\(row)")
    }
    let file = "\(directory.path)/page.so"
    #expect(try Command.run([Self.loader, "image", "--output", file]).status == 0)
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes.resetBytes(in: 0x210..<0x214)  // the Mach header's magic number
    try bytes.write(to: URL(filePath: file))
    // Linux's name alone doesn't make an image the kernel's.
    let named = try start(["--vdso", file])
    let namedRow = try #require(try report(["\(named.pid)"]).processes.first)
    #expect(namedRow.vdso == "other" && namedRow.name == "linux-vdso.so.1", "\(namedRow)")
    bytes.replaceSubrange(try #require(bytes.firstRange(of: Data("linux-vdso".utf8))), with: Data("other-vdso".utf8))
    try bytes.write(to: URL(filePath: file))
    let process = try start(["--vdso", file])
    let row = try #require(try report(["\(process.pid)"]).processes.first)
    #expect(row.vdso == "other" && row.name == "other-vdso.so.1", "\(row)")
  }

  @Test("ps reports that a timekeeper has ended")
  func lostTimekeeper() throws {
    let process = try start(["--engine", "load", "--clock-source", "tsc"])
    // The timekeeper's name is set while the program starts.
    var row: Report.Row?
    for _ in 0..<1000 {
      row = try report(["\(process.pid)"]).processes.first
      if row?.timekeeper != nil { break }
      usleep(10_000)
    }
    #expect(row?.hasLostTimekeeper == false)
    let timekeeper = try #require(row?.timekeeper)
    try #require(try String(contentsOfFile: "/proc/\(timekeeper)/comm", encoding: .utf8) == "vdso-timekeeper\n")
    kill(timekeeper, SIGKILL)
    for _ in 0..<1000 where FileManager.default.fileExists(atPath: "/proc/\(timekeeper)/exe") { usleep(10_000) }
    #expect(try report(["\(process.pid)"]).processes.first?.hasLostTimekeeper == true)
    #expect(try Command.run([Self.loader, "ps", "\(process.pid)"]).output.contains("its timekeeper has ended"))
  }

  @Test("ps shows one session for followed programs and another one for another start, and lists itself")
  func sessions() throws {
    let first = try start(["--engine", "exec", "--follow"], ["/bin/sh", "-c", "sleep 1000 & wait"])
    let second = try start([])
    var ours: [Report.Row] = []
    for _ in 0..<1000 {
      ours = try report(["--ours"]).processes
      if ours.count(where: { $0.session == ours.first { $0.pid == first.pid }?.session }) == 2 { break }
      usleep(10_000)
    }
    let session = ours.first { $0.pid == first.pid }?.session
    let members = ours.filter { $0.session == session }
    #expect(session != nil && members.map(\.command).sorted() == ["sh", "sleep"], "\(ours)")
    #expect(ours.first { $0.pid == second.pid }.map { $0.session != session } == true)
    for member in members where member.pid != first.pid { kill(member.pid, SIGKILL) }
    let all = try report([])
    #expect(all.processes.contains { $0.pid == getpid() && $0.vdso == "kernel" })
    #expect(all.counts.values.reduce(0, +) == all.processes.count)
    #expect(!all.processes.contains { $0.command == "kthreadd" })
  }

  @Test("ps reports processes that can't be read, and fails for one that doesn't exist", .enabled(if: getuid() == 0))
  func unreadable() throws {
    let process = try start([])
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Self.loader, "ps"]
    let result = try Command.run(nobody + ["\(process.pid)"])
    #expect(
      result.status == 0 && result.output.contains("unreadable") && result.output.contains("run as"), "\(result.output)"
    )
    // In the list of all processes, those that can't be read are only counted.
    let all = try Command.run(nobody)
    #expect(
      all.status == 0 && all.output.contains("that you may not read") && !all.output.contains("unreadable"),
      "\(all.output)")
    #expect(!all.output.contains("\n\(process.pid) "), "\(all.output)")
    let missing = try Command.run([Self.loader, "ps", "999999999"])
    #expect(missing.status == 1 && missing.output.split(separator: "\n").count == 1, "\(missing.output)")
    #expect(try Command.run([Self.loader, "ps", "2"]).status == 1)  // a kernel thread
    #expect(try Command.run([Self.loader, "ps", "x"]).status == 125)
  }
}
