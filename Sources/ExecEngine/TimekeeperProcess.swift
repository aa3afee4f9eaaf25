// SPDX-License-Identifier: Apache-2.0

// A process that works for a program and for other processes on its page.
//
// Assumes that the caller has one thread, as `fork` requires, and that everything that the work refers to outlives the child, for example
// the writer's mapping of the time page: the child inherits it and never unmaps it.

import CLinux
public import ProcessSupport
import Glibc

/// A process that does a session's work until no process is on the page.
///
/// A program that waits for its children doesn't find it. It holds no descriptor of the program's, and no signal but SIGKILL ends it. If it
/// is killed, the kernel marks the page's timekeeper word, counter readings pass their age limit, and readers trap: the results stay right,
/// but take longer.
public enum TimekeeperProcess {
  /// Starts it for the calling process, which must have one thread and then run a program on the page in the file of the descriptor
  /// `timePage`. The process must not have mapped the page through another descriptor yet.
  public static func start(_ work: SupervisorDelegate, timePage: Int32) throws(SystemError) {
    let program = linux_process_descriptor(getpid())
    guard program >= 0 else {
      let error = Errno.current
      throw SystemError(
        "open this process's descriptor", errno: error,
        hint: error == .noFunction
          ? "if valgrind, which has none, runs demo-loader, run it inside the session: demo-loader valgrind PROGRAM"
          : nil)
    }
    defer { close(program) }
    // The program runs with the same rights, and the timekeeper has the one writable mapping. The timekeeper has both the name and the flag
    // from its first moment, because the program doesn't wait for it.
    let name = linux_name()
    let isTraceable = linux_is_traceable()
    unsafe linux_set_name("vdso-timekeeper")
    linux_forbid_tracers()
    let timekeeper = linux_adopts_orphans() ? linux_fork_hidden() : linux_fork_orphan()
    if timekeeper == 0 { keep(work, after: program, timePage: timePage) }
    let error = Errno.current
    if isTraceable { linux_permit_tracers() }
    linux_restore_name(name)
    // Linux never returns that error; qemu-user does, for every process without an exit signal.
    let hint =
      error == .invalidArgument
      ? "if an emulator runs demo-loader, run it inside the session: demo-loader qemu-x86_64 PROGRAM" : nil
    guard timekeeper > 0 else { throw SystemError("start the timekeeper", errno: error, hint: hint) }
  }

  /// Milliseconds between two checks for other processes on the page.
  private static let patience: Int32 = 1000

  /// Does `work`. When the descriptor `beginning` has become readable, or its other side is gone, and then no other process has the file of
  /// the descriptor `timePage` open, this process ends.
  package static func keep(_ work: SupervisorDelegate, after beginning: Int32, timePage: Int32) -> Never {
    setsid()
    let ownTimePage = Execution.openedSeparately(timePage)
    SupervisorDescriptors.keep([beginning, ownTimePage] + work.descriptors + work.kept)
    work.begin(interceptsCalls: false)
    var hasBegun = false
    while true {
      let timeout = hasBegun ? min(work.interval ?? patience, patience) : work.interval
      let ready = SupervisorDescriptors.wait(for: [hasBegun ? -1 : beginning] + work.descriptors, timeout)
      if ready[0] != 0 { hasBegun = true }
      if hasBegun && !linux_is_open_elsewhere(ownTimePage) {
        work.end()
        _exit(0)
      }
      if ready.dropFirst().contains(where: { $0 != 0 }) { _ = work.serve() }
      if work.interval != nil { work.refresh() }
    }
  }
}
