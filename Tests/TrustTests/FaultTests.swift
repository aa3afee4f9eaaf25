import Foundation
import TestSupport
import Testing

/// With the loader that gets installed: a dynamic linker in front of it would fail by itself.
@Suite(
  "Faults at a program's start", .serialized,
  .enabled(if: getuid() == 0 && ProcessInfo.processInfo.environment["DEMO_LOADER"] != nil))
struct FaultTests {
  /// What must come of a fault: the program on our page, or one line that says what failed.
  struct Row: Sendable {
    var fault: String
    var exec = "ours"
    var load = "ours"
  }

  static let rows = [
    Row(fault: "memfd_create=ENOSYS", exec: "cannot create the memory file", load: "cannot create the memory file"),
    Row(fault: "memfd_create=EMFILE", exec: "cannot create the memory file", load: "cannot create the memory file"),
    Row(fault: "ftruncate=ENOSPC", exec: "cannot size the memory file", load: "cannot size the memory file"),
    Row(fault: "fsize=0", exec: "limit of ulimit -f", load: "limit of ulimit -f"),
    Row(fault: "mmap=ENOMEM", exec: "cannot map the time page", load: "cannot map the time page"),
    Row(fault: "mseal=ENOSYS"), Row(fault: "pidfd_getfd=ENOSYS"), Row(fault: "seccomp=ENOSYS"),
    Row(fault: "process_vm_readv=ENOSYS"), Row(fault: "process_vm_writev=EPERM"), Row(fault: "close_range=ENOSYS"),
    Row(fault: "prctl=EINVAL"), Row(fault: "pidfd_open=ENOSYS", exec: "cannot trace programs"),
    Row(fault: "ptrace=EPERM", exec: "cannot trace programs"), Row(fault: "ptrace=KILL", exec: "cannot trace programs"),
    Row(fault: "clone=EAGAIN", exec: "cannot start a helper"),
    Row(fault: "socketpair=EMFILE", exec: "cannot make a socket"),
    Row(fault: "openat=EMFILE", load: "Too many open files"),
    Row(fault: "nofile=3", exec: "memory file", load: "Too many"),
    Row(fault: "nofile=8", exec: "cannot listen for system calls"), Row(fault: "as=30000000"),
    Row(fault: "noproc", load: "mount /proc"),
  ]

  @Test("have the result that the table of docs/reliability.md gives", arguments: rows)
  func table(row: Row) throws {
    let directory = try TemporaryDirectory()
    let inject = try Setup.compile("inject.c", in: directory)
    let program = try Setup.compile("started.c", flags: ["-nostdlib", "-static"], in: directory)
    for (engine, expected) in [("exec", row.exec), ("load", row.load)] {
      let result = try Command.run([inject, row.fault, "--", Setup.loader, "--engine", engine, program])
      let isDefined =
        expected == "ours"
        ? result.status == 0 && result.output == "ours\n"
        : result.status == 126 && result.output.contains(expected) && result.output.split(separator: "\n").count == 1
      #expect(isDefined, "\(row.fault), \(engine): \(result.status) \(result.output)")
      Tally.faults.report(1, "\(row.fault), \(engine)")
    }
  }
}
