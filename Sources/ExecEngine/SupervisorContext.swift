// SPDX-License-Identifier: Apache-2.0

import CLinux
import ProcessSupport
import Glibc
import SimulatedKernel

/// What a supervisor works with, and its standby has as well.
struct SupervisorContext {
  let supply: PageProvider
  /// The interceptors of calls other than execve.
  let interceptors: [CallInterceptor]
  /// Called for each program with the process that executes it; returns lines for the session's standard error.
  let report: (ProgramEvent) -> [String]
  /// Whether programs that the first one executes get their pages too.
  let follows: Bool
  /// The first program's process.
  let program: Int32
  /// The supervisor that it starts, where that is a child of that process; 0 if it isn't.
  var child: Int32 = 0
  /// Its descriptor of the time page.
  let timePage: Int32
  /// The way to that process before its execve.
  let channel: SupervisorChannel
  /// The session in which this one was started.
  let outer: OuterSession?
  /// A descriptor of that process.
  var handle: Int32 = -1
  /// The time page opened separately, to find out whether other processes have it.
  var ownTimePage: Int32 = -1
  /// Where lines about programs go.
  var output: SessionOutput?
  /// Where that comes from, if it is to be borrowed.
  var lenders: OutputLenders?
  /// A descriptor from which SIGCHLD is read.
  var signals: Int32 = -1
  /// Why one of these is missing, or 0.
  var error: Int32 = 0
  /// Notifications of tasks, which supervisor and standby share.
  var notifications: PendingNotifications?
  /// How many filters on system calls the session's tasks live under; nil if there is no listener, or it isn't known.
  var filterCount: Int?
  /// Receives system calls from when a filter is installed; nil if only one program is waited for.
  var listener: CallListener?
  /// The sessions that were started in this one.
  let inner = InnerSessions()

  /// Whether a process may depend on the supervisor after the first program has its pages.
  var needsStandby: Bool { needsListener || supply.work != nil }

  /// Whether calls are to be intercepted.
  var needsListener: Bool { follows || !interceptors.isEmpty }

  /// Whether a process does.
  var hasDependents: Bool { listener != nil || supply.work != nil }

  /// The calls in which tasks wait.
  var interceptedCalls: [InterceptedCall] { (follows ? .executing : []) + interceptors.flatMap { $0.calls } }

  /// What the first program is to wait for once it has its pages: its child, where that then ends; 0 if there is none.
  var childToReap: Int32 { hasDependents ? 0 : child }

  /// Whether clocks stand still, or slow down, without the supervisor.
  var keepsTime: Bool { supply.work?.interval != nil }

  /// Whether its end shows by the time page alone: where no tree is listened to, or another session's.
  var endsWithPage: Bool { listener == nil || outer != nil }

  /// Whether the session is empty: no task of the tree is left, or, without a tree of its own, neither the program nor any other
  /// that is on its page.
  var isOver: Bool {
    guard hasDependents else { return true }
    if let listener {
      if SupervisorDescriptors.wait(for: [listener.descriptor], 0)[0] & POLLHUP != 0 { return true }
      if outer == nil { return false }
    }
    return hasProgramEnded && !linux_is_open_elsewhere(ownTimePage)
  }

  private var hasProgramEnded: Bool { SupervisorDescriptors.wait(for: [handle], 0)[0] & POLLIN != 0 }

  /// Whether some task can't go on without the supervisor.
  var keepsTasksWaiting: Bool {
    guard let listener, let notifications else { return false }
    return notifications.tasksAtWork > 0 || !notifications.notifications.isEmpty
      || SupervisorDescriptors.wait(for: [listener.descriptor], 0)[0] & POLLIN != 0
  }
}
