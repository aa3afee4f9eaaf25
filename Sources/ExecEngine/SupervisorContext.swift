// SPDX-License-Identifier: Apache-2.0

import CLinux
import ProcessSupport
import Glibc
import SimulatedKernel

/// The state that a supervisor works with; its standby has a copy.
struct SupervisorContext {
  let supply: PageProvider
  /// The interceptors of calls other than execve.
  let interceptors: [CallInterceptor]
  /// Called for each program with its event; returns lines for the session's standard error.
  let report: (ProgramEvent) -> [String]
  /// Whether programs that the first one executes get their pages too.
  let follows: Bool
  /// The first program's process.
  let program: Int32
  /// The supervisor, if it is a child of the first program's process; 0 if it isn't.
  var child: Int32 = 0
  /// The first program's descriptor of the time page.
  let timePage: Int32
  /// The channel to that process before its execve.
  let channel: SupervisorChannel
  /// The session in which this one was started.
  let outer: OuterSession?
  /// A descriptor of that process.
  var handle: Int32 = -1
  /// A separately opened descriptor of the time page, to find out whether other processes have the page; -1 without /proc.
  var ownTimePage: Int32 = -1
  /// The output for messages about programs.
  var output: SessionOutput?
  /// The processes from which that output is borrowed, if it must be.
  var lenders: OutputLenders?
  /// A descriptor from which SIGCHLD is read.
  var signals: Int32 = -1
  /// The error number if one of these is missing, or 0.
  var error: Int32 = 0
  /// Notifications of tasks, shared by supervisor and standby.
  var notifications: PendingNotifications?
  /// The number of system call filters of the session's tasks; nil if there is no listener, or the number is unknown.
  var filterCount: Int?
  /// Receives system calls, from the installation of the filter on; nil if the session has only one program.
  var listener: CallListener?
  /// The state that is needed only if the session attached to its first program; nil if the session started it.
  var attachment: Attachment?
  /// The sessions that were started in this one.
  let inner = InnerSessions()

  /// Whether processes may depend on the supervisor after the first program has its pages.
  var needsStandby: Bool { needsListener || supply.work != nil }

  /// The supervisor's work in addition to the injection of pages; nil once the session is over.
  var work: SupervisorDelegate? { attachment?.isOver == true ? nil : supply.work }

  /// Whether calls are to be intercepted.
  var needsListener: Bool { follows || !interceptors.isEmpty }

  /// Whether processes depend on the supervisor now.
  var hasDependents: Bool { listener != nil || work != nil }

  /// The calls in which tasks wait.
  var interceptedCalls: [InterceptedCall] {
    attachment?.calls ?? (follows ? .executing : []) + interceptors.flatMap { $0.calls }
  }

  /// The child that the first program waits for once it has its pages, because that child then ends; 0 if there is none.
  var childToReap: Int32 { hasDependents ? 0 : child }

  /// Whether clocks would stand still or become slower to read without the supervisor.
  var keepsTime: Bool { work?.interval != nil }

  /// Whether only the time page shows the session's end, because no tree has a listener, or the listener is another session's.
  var endsWithPage: Bool { listener == nil || outer != nil }

  /// Whether the session is empty: no task of the tree is left, or, without a listener, neither the program nor any other process on its
  /// page.
  var isOver: Bool {
    guard hasDependents else { return true }
    if let listener {
      if listener.isOver { return true }
      if outer == nil { return false }
    }
    return (attachment != nil || hasProgramEnded) && !linux_is_open_elsewhere(ownTimePage)
  }

  private var hasProgramEnded: Bool { SupervisorDescriptors.wait(for: [handle], 0)[0] & POLLIN != 0 }

  /// Whether a task can't continue without the supervisor.
  var keepsTasksWaiting: Bool {
    guard let listener, let notifications else { return false }
    return notifications.tasksAtWork > 0 || !notifications.notifications.isEmpty
      || listener.isAsked
  }
}
