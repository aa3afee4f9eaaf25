// SPDX-License-Identifier: Apache-2.0

public import ProcessSupport

/// Starts programs by the kernel's execve, in the place of this process, and gives each a vDSO before its first instruction.
///
/// A supervisor process, which isn't a child of this process, traces the program while it injects the pages. It takes
/// the right to trace processes of one's own.
public enum ExecEngine {
  /// Has a supervisor wait for the next execve of this process, which must have one thread, and give the program its pages.
  ///
  /// With `follows` the programs that the program executes get them too, and so on. That takes a filter on execve which all
  /// descendants inherit; without CAP_SYS_ADMIN also `no_new_privs`, under which set-user-id programs gain no rights: that is
  /// done if `mayGiveUpRights`. The result says whether they are followed, and why not: where another listener is in the tree, or
  /// the kernel refuses such filters.
  ///
  /// With `interceptors` the supervisor also answers other system calls of the program and all its descendants, by the same filter.
  ///
  /// In `outer`, which this process has joined, that one's supervisor forwards what the programs do, with no filter of their own.
  ///
  /// `report` is called in the supervisor for each program, and what it returns are lines for this process's standard error.
  /// Throws where programs can't be traced; then nothing has happened.
  public static func prepare(
    _ supply: PageProvider, follows: Bool, mayGiveUpRights: Bool, interceptors: [CallInterceptor] = [],
    in outer: OuterSession? = nil, report: @escaping (ProgramEvent) -> [String]
  ) throws(SystemError) -> Following {
    try Supervisor.start(
      supply, follows: follows, mayGiveUpRights: mayGiveUpRights, interceptors, in: outer, report: report)
  }

  /// Replaces this process by the program at `path`, which is not looked up in PATH; returns the error where the
  /// kernel refuses. The corresponding C function is `execve`.
  public static func execute(_ path: [UInt8], arguments: [[UInt8]], environment: [[UInt8]]) -> Errno {
    Execution.replaceProcess(path, arguments, environment)
  }
}

/// Whether a session's supervisor follows what its programs execute and intercepts calls, and why it doesn't.
public enum Following: Hashable, Sendable {
  /// It does, in the whole tree of processes.
  case on
  /// It wasn't requested.
  case off
  /// The kernel refuses a listener here; the error is that of seccomp(2).
  case refused(SystemError)
  /// This process can start no program by other means either: it is under a filter on execve without a listener.
  case failed(SystemError)
}
