// SPDX-License-Identifier: Apache-2.0

// The life of a supervisor's standby.
//
// Assumes that it is the one thread of its process.

import CLinux
import ProcessSupport
import Glibc
import SimulatedKernel

/// A process that waits until the supervisor has ended, whatever ended it, and takes its place, with a standby of its own.
enum StandbyProcess {
  /// Milliseconds from one look at the supervisor to the next.
  private static let patience: Int32 = 1000
  /// Supervisors that may end in a row by what they do first, before that is left undone.
  private static let mostEndsInVain = 32

  /// Starts a process that runs `body` with the process id of this one, the supervisor, and a descriptor of it.
  ///
  /// Returns the process's descriptor, or -1 and sets `errno` where the system has none to spare.
  static func start(_ body: (Int32, Int32) -> Never) -> Int32 {
    let supervisor = getpid()
    // One's own, so that it is surely the supervisor's.
    let handle = linux_process_descriptor(supervisor)
    guard handle >= 0 else { return -1 }
    let process = linux_fork_hidden()
    if process == 0 {
      unsafe linux_set_name("vdso-standby")
      body(supervisor, handle)
    }
    var error = errno
    close(handle)
    var standby: Int32 = -1
    if process > 0 {
      standby = linux_process_descriptor(process)
      error = errno
      // One that can't be ended would take over together with the next.
      if standby < 0 {
        kill(process, SIGKILL)
        linux_reap_child(process)
      }
    }
    errno = error
    return standby
  }

  /// Ends the process of a descriptor, if any, and leaves nothing of it.
  static func end(_ standby: Int32) {
    guard standby >= 0 else { return }
    linux_end_process(standby)
    linux_reap(standby)
    close(standby)
  }

  /// The life of a standby of a program that is not executed yet.
  static func beginToWait(for supervisor: Int32, _ handle: Int32, _ context: SupervisorContext) -> Never {
    var context = context
    context.lenders?.release()
    var ready = [Int32](repeating: 0, count: 2)
    while ready == [0, 0] {
      ready = SupervisorDescriptors.wait(for: [handle, context.channel.descriptor], patience)
      // The program waits for it.
      if ready == [0, 0] { endIfStopped(supervisor, handle) }
    }
    if ready[0] != 0 {
      close(handle)
      SupervisorProcess.lead(context)
    }
    SupervisorProcess.listen(&context, -1)
    context.channel.send(SupervisorMessage.standbyReady)
    wait(for: supervisor, handle, context)
  }

  /// The life of a standby.
  static func wait(for supervisor: Int32, _ handle: Int32, _ context: SupervisorContext) -> Never {
    context.lenders?.release()
    waitForEnd(of: supervisor, handle, context)
    close(handle)
    if context.isOver { _exit(0) }
    leaveWhatEndsSupervisors(context)
    unsafe linux_set_name("vdso-supervisor")
    let standby = start { wait(for: $0, $1, context) }
    // The program may still wait for both.
    context.channel.send(SupervisorMessage.supervisorReady)
    context.channel.send(SupervisorMessage.standbyReady)
    context.supply.work?.begin(interceptsCalls: context.listener != nil)
    context.supply.work?.takeOver()
    var supervisor = SupervisorLoop(context)
    supervisor.takeOver()
    context.notifications?.endsInVain = 0
    SupervisorProcess.supervise(&supervisor, context, standby)
  }

  /// Where one supervisor after the other ends by what it does first, the next would too: after some, tasks that wait go on without it; if
  /// that ends it as well, or there is none, this process ends and has no successor.
  private static func leaveWhatEndsSupervisors(_ context: SupervisorContext) {
    guard let notifications = context.notifications else { return }
    notifications.endsInVain += 1
    guard notifications.endsInVain > mostEndsInVain else { return }
    guard notifications.endsInVain <= 2 * mostEndsInVain else {
      context.output?.print([
        "demo-loader: the session's supervisors end as soon as they start: programs of the session can't execute others any more"
      ]) { -1 }
      _exit(1)
    }
    for notification in context.listener?.unanswered() ?? [] {
      context.output?.print([
        "demo-loader: process \(TaskStatus.process(of: notification.thread)): a system call gets the host's answer: supervisors end when "
          + "they serve it"
      ]) { -1 }
      context.listener?.answer(notification, .proceed)
    }
  }

  /// Returns when the supervisor has ended. One that is stopped while tasks or clocks depend on it, or when no task is left,
  /// is ended.
  private static func waitForEnd(of supervisor: Int32, _ handle: Int32, _ context: SupervisorContext) {
    while SupervisorDescriptors.wait(for: [handle], patience)[0] == 0 {
      // Before its execve the program waits at its end of the channel.
      let isNeeded = context.keepsTasksWaiting || context.keepsTime || !context.channel.isHungUp
      if isNeeded || context.isOver { endIfStopped(supervisor, handle) }
    }
  }

  private static func endIfStopped(_ supervisor: Int32, _ handle: Int32) {
    if ProcessFiles.state(of: supervisor) == UInt8(ascii: "T") { linux_end_process(handle) }
  }
}
