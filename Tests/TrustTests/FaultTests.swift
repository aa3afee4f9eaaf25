// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The tests need the loader as it is installed: with a dynamic linker in front of it, the linker would fail by itself.
@Suite(
  "Faults at a program's start", .serialized,
  .enabled(if: getuid() == 0 && ProcessInfo.processInfo.environment["DEMO_LOADER"] != nil))
struct FaultTests {
  /// The required result of a fault: the program on our page, or one line that says what failed.
  struct Row: Sendable {
    var fault: String
    var exec = "ours"
    var load = "ours"
  }

  static let rows = [
    Row(
      fault: "memfd_create=ENOSYS", exec: "needs the system call memfd_create",
      load: "needs the system call memfd_create"),
    Row(fault: "memfd_create=EMFILE", exec: "cannot create the memory file", load: "cannot create the memory file"),
    Row(fault: "ftruncate=ENOSPC", exec: "cannot size the memory file", load: "cannot size the memory file"),
    Row(fault: "fsize=0", exec: "limit of ulimit -f", load: "limit of ulimit -f"),
    Row(fault: "mmap=ENOMEM", exec: "cannot map the time page", load: "cannot map the time page"),
    Row(fault: "mseal=ENOSYS"), Row(fault: "pidfd_getfd=ENOSYS"), Row(fault: "seccomp=ENOSYS"),
    Row(fault: "process_vm_readv=ENOSYS"), Row(fault: "process_vm_writev=EPERM"), Row(fault: "close_range=ENOSYS"),
    Row(fault: "prctl=EINVAL", load: "its /proc/self/exe is demo-loader,"),
    Row(fault: "pidfd_open=ENOSYS", exec: "needs the system call pidfd_open"),
    Row(fault: "ptrace=EPERM", exec: "cannot trace programs"),
    Row(fault: "ptrace=KILL", exec: "needs the system call ptrace"),
    Row(fault: "clone=EAGAIN", exec: "cannot start a supervisor"),
    Row(fault: "socketpair=EMFILE", exec: "cannot make a socket"),
    Row(fault: "openat=EMFILE", load: "ulimit -n"),
    Row(fault: "nofile=3", exec: "ulimit -n", load: "ulimit -n"),
    Row(fault: "nofile=7", exec: "cannot trace programs: Too many open files; raise this process's limit (ulimit -n)"),
    Row(fault: "as=4000000"),
    Row(fault: "noproc", load: "mount /proc"),
    Row(fault: "wait4=EPERM", exec: "cannot trace programs"),
    Row(fault: "recvmsg=EPERM", exec: "cannot talk to the supervisor"),
    Row(fault: "getrandom=ENOSYS", load: "Function not implemented"), Row(fault: "interrupt"),
  ]

  @Test("never leaves a program whose child programs can't be executed")
  func unheard() throws {
    let directory = try TemporaryDirectory()
    let inject = try Setup.compile("inject.c", in: directory)
    for count in 3...12 {
      let result = try Command.run([
        inject, "nofile=\(count)", "--", Setup.loader, "sh", "-c", "/bin/true && echo executed",
      ])
      let lines = result.output.split(separator: "\n")
      let isRefused =
        [125, 126].contains(result.status) && lines.count == 1 && result.output.hasPrefix("demo-loader: ")
      #expect(result.output == "executed\n" || isRefused, "\(count) descriptors: \(result.status) \(result.output)")
    }
  }

  @Test("names the limit of descriptors, and nothing else, where it is too low", arguments: ["exec", "load"])
  func descriptors(engine: String) throws {
    let directory = try TemporaryDirectory()
    let inject = try Setup.compile("inject.c", in: directory)
    for count in 3...12 {
      let start = [Setup.loader, "--engine", engine, "--time", "+1d", "/bin/true"]
      let result = try Command.run([inject, "nofile=\(count)", "--"] + start)
      #expect(!result.output.contains("mount /proc"), "\(count) descriptors: \(result)")
      #expect(result.status == 0 || result.output.contains("ulimit -n"), "\(count) descriptors: \(result)")
    }
  }

  @Test("gives the result of each fault that the table of docs/reliability.md lists", arguments: rows)
  func table(row: Row) throws {
    let directory = try TemporaryDirectory()
    let inject = try Setup.compile("inject.c", in: directory)
    let program = try Setup.compile("started.c", flags: ["-nostdlib", "-static"], in: directory)
    for (engine, expected) in [("exec", row.exec), ("load", row.load)] {
      let result = try Command.run([inject, row.fault, "--", Setup.loader, "--engine", engine, program])
      let isDefined =
        expected == "ours"
        ? result.status == 0 && result.output == "ours\n"
        : result.output.contains(expected) && Self.isOneLine(result)
      #expect(isDefined, "\(row.fault), \(engine): \(result.status) \(result.output)")
      Tally.faults.report(1, "\(row.fault), \(engine)")
    }
  }

  /// Whether the output is one line that says why the program isn't started, or what it sees instead.
  private static func isOneLine(_ result: Command.Result) -> Bool {
    let lines = result.output.split(separator: "\n")
    return result.status == 0 ? lines.count == 2 && lines[1] == "ours" : result.status >= 125 && lines.count == 1
  }

  /// The errors to inject; TRUST=long adds some.
  static let errors = ["EPERM", "ENOMEM"] + (Tally.isLong ? ["EINTR", "ENOSYS", "EINVAL", "EMFILE", "EFAULT"] : [])

  @Test("gives a defined result if any single system call of a start fails", arguments: Setup.engines, errors)
  func eachCall(engine: String, error: String) throws {
    let directory = try TemporaryDirectory()
    let inject = try Setup.compile("inject.c", in: directory)
    let program = try Setup.compile("started.c", flags: ["-nostdlib", "-static"], in: directory)
    // libc's calls before `main` are the same in any C program. If one of them fails, libc decides about the end.
    let empty = try Setup.compile("empty.c", flags: ["-static-pie"], in: directory)
    let start = [Setup.loader, "--engine", engine, program]
    let calls = (try Self.count(inject, [empty]) + 1)...(try Self.count(inject, start))
    #expect(calls.count > 80)
    for call in calls {
      let result = try Command.run([inject, "at=\(call),\(error)", "--"] + start)
      #expect(Self.isDefined(result), "\(error) of call \(call), \(engine): \(result.status) \(result.output)")
    }
    Tally.faults.report(calls.count, "\(error) of each call, \(engine)")
  }

  private static func count(_ inject: String, _ command: [String]) throws -> Int {
    let result = try Command.run(
      ["sh", "-c", "exec 9>&1 >/dev/null; exec \"$@\"", "sh", inject, "count", "--"] + command)
    return try #require(Int(result.output.dropLast()), "\(result.output)")
  }

  /// Whether the program is on our page, or isn't started, or is started on the kernel's page; in the last two cases a line says why. On
  /// the kernel's page, the descriptor of the time page may be left open, because the failed injection didn't close it.
  private static func isDefined(_ result: Command.Result) -> Bool {
    var lines = result.output.split(separator: "\n")
    switch result.status {
    case 125, 126, 127: return lines.count == 1 && lines[0].hasPrefix("demo-loader: ")
    case 1 where lines.last == "a descriptor is left open": lines.removeLast()
    case 0: break
    default: return false
    }
    if lines == ["ours"] { return result.status == 0 }
    if lines.count == 2, lines[0].contains(": its /proc/self/exe is demo-loader,"), lines[1] == "ours" {
      return result.status == 0
    }
    return lines.count == 2 && lines[0].contains(" stays on the kernel's page: ") && lines[1] == "kernel"
  }
}
