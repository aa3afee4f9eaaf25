// SPDX-License-Identifier: Apache-2.0

public import ProcessSupport

/// Starts programs by the kernel's execve, in place of this process, and gives each a vDSO before its first instruction.
///
/// A supervisor process, which isn't a child of this process, traces the program while it injects the pages. It needs the right to trace
/// the user's own processes.
public enum ExecEngine {
  /// Starts a supervisor that waits for the next execve of this process, which must have one thread, and gives the program its pages.
  ///
  /// With `follows`, programs that the program executes get them too, and so on. That needs a filter on execve which all descendants
  /// inherit, and without CAP_SYS_ADMIN also `no_new_privs`, under which set-user-ID programs gain no privileges; it is set only if
  /// `mayGiveUpRights`. The result says whether programs are followed, and if not, why: another listener is in the tree, or the kernel
  /// refuses such filters.
  ///
  /// With `interceptors`, the supervisor also answers other system calls of the program and all its descendants, by the same filter.
  ///
  /// If this process has joined the session `outer`, that session's supervisor forwards the programs' calls, and they get no filter of
  /// their own.
  ///
  /// `report` is called in the supervisor for each program. It returns lines for this process's standard error. Throws if programs can't be
  /// traced; then nothing has happened.
  public static func prepare(
    _ supply: PageProvider, follows: Bool, mayGiveUpRights: Bool, interceptors: [CallInterceptor] = [],
    in outer: OuterSession? = nil, report: @escaping (ProgramEvent) -> [String]
  ) throws(SystemError) -> Following {
    try Supervisor.start(
      supply, follows: follows, mayGiveUpRights: mayGiveUpRights, interceptors, in: outer, report: report)
  }

  /// Replaces this process by the program at `path`, which is not looked up in PATH. Returns the error if the kernel refuses. The
  /// corresponding C function is `execve`.
  public static func execute(_ path: [UInt8], arguments: [[UInt8]], environment: [[UInt8]]) -> Errno {
    Execution.replaceProcess(path, arguments, environment)
  }
}

/// Whether a session's supervisor follows programs and intercepts calls, and if not, why.
public enum Following: Hashable, Sendable {
  /// It does, in the whole tree of processes.
  case on
  /// It wasn't requested.
  case off
  /// The kernel refuses a listener here; the error is that of seccomp(2).
  case refused(SystemError)
  /// This process can't start a program in any other way either, because it is under a filter on execve without a listener.
  case failed(SystemError)
}
