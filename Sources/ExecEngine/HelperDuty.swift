import CLinux
import Glibc
import SimulatedKernel

/// What a helper works with, and its standby has as well.
struct HelperDuty {
  let supply: PageSupply
  /// Calls other than execve, and who answers them.
  let watches: [CallWatch]
  /// Told of each program, with the process that executes it: lines for the session's standard error.
  let report: (ProgramEvent) -> [String]
  /// Whether programs that the first one executes get their pages too.
  let follows: Bool
  /// The first program's process.
  let program: Int32
  /// The helper that it starts, where that is a child of that process; 0 where it isn't.
  var child: Int32 = 0
  /// Its descriptor of the time page.
  let timePage: Int32
  /// The way to that process before its execve.
  let channel: HelperChannel
  /// The session in which this one was started.
  let outer: OuterSession?
  /// A descriptor of that process.
  var handle: Int32 = -1
  /// The time page opened anew, for looking whether others have it.
  var ownTimePage: Int32 = -1
  /// Where lines about programs go.
  var output: SessionOutput?
  /// A descriptor from which SIGCHLD is read.
  var signals: Int32 = -1
  /// Why one of these is missing, or 0.
  var error: Int32 = 0
  /// Notices of tasks, which helper and standby share.
  var notices: NoticeTable?
  /// How many filters on system calls the session's tasks live under; nil where there is no listener, or it isn't known.
  var filterCount: Int?
  /// Hears of system calls, from when there is a filter on; nil where only one program is waited for.
  var listener: CallListener?
  /// The sessions that were started in this one.
  let inner = InnerSessions()

  /// Whether somebody may depend on the helper after the first program has its pages.
  var needsStandby: Bool { needsListener || supply.work != nil }

  /// Whether calls are to be heard.
  var needsListener: Bool { follows || !watches.isEmpty }

  /// Whether somebody does.
  var hasDependents: Bool { listener != nil || supply.work != nil }

  /// The calls in which tasks wait.
  var heardCalls: [WatchedCall] { (follows ? .executing : []) + watches.flatMap { $0.calls } }

  /// What the first program is to wait for once it has its pages: its child, where that then ends; 0 where there is none.
  var childToReap: Int32 { hasDependents ? 0 : child }

  /// Whether clocks stand still, or slow down, without the helper.
  var keepsTime: Bool { supply.work?.interval != nil }

  /// Whether its end shows by the time page alone: where no tree is listened to, or another session's.
  var endsWithPage: Bool { listener == nil || outer != nil }

  /// Whether there is nobody left: no task of the tree, or with no tree of its own to listen to neither the program nor any other
  /// that is on its page.
  var isOver: Bool {
    guard hasDependents else { return true }
    if let listener {
      if HelperDescriptors.wait(for: [listener.descriptor], 0)[0] & POLLHUP != 0 { return true }
      if outer == nil { return false }
    }
    return hasProgramEnded && !linux_is_open_elsewhere(ownTimePage)
  }

  private var hasProgramEnded: Bool { HelperDescriptors.wait(for: [handle], 0)[0] & POLLIN != 0 }

  /// Whether some task can't go on without the helper.
  var keepsTasksWaiting: Bool {
    guard let listener, let notices else { return false }
    return notices.tasksAtWork > 0 || !notices.notices.isEmpty
      || HelperDescriptors.wait(for: [listener.descriptor], 0)[0] & POLLIN != 0
  }
}
