// SPDX-License-Identifier: Apache-2.0

// The standby of a supervisor.
//
// Assumes that its process has one thread.

import CLinux
import ProcessSupport
import Glibc
import SimulatedKernel

/// The supervisor that a standby waits for.
struct WatchedSupervisor {
  let id: Int32
  /// A descriptor of the process.
  let handle: Int32
  /// How many supervisors the session had before it.
  let number: Int

  /// Whether the standby is to take over. Another one does if the supervisor ended while it replaced its standby.
  func isSucceeded(in context: SupervisorContext) -> Bool {
    context.notifications?.claimSuccession(after: number) ?? true
  }
}

/// A process that waits until the supervisor has ended, for any reason, and takes its place, with a standby of its own.
enum StandbyProcess {
  /// Milliseconds between two checks of the supervisor.
  private static let patience: Int32 = 1000
  /// The number of supervisors that may end in a row during their first steps, before these steps are left out.
  private static let mostConsecutiveDeaths = 32

  /// Ends the standby, if any, and starts another one, which takes over even if this process ends in between.
  static func replace(_ standby: inout Int32, _ context: SupervisorContext, _ body: (WatchedSupervisor) -> Never) {
    let old = standby
    var next: Int32 = -1
    // Without shared memory both would take over.
    if context.notifications != nil {
      next = start(context) { supervisor in
        close(old)
        body(supervisor)
      }
    }
    end(old)
    if next < 0 { next = start(context, body) }
    standby = next
  }

  /// Starts a process that runs `body` with this one, the supervisor.
  ///
  /// Returns the new process's descriptor. If the system can't make one, returns -1 and sets `errno`.
  static func start(_ context: SupervisorContext, _ body: (WatchedSupervisor) -> Never) -> Int32 {
    let number = context.notifications?.successions ?? 0
    let supervisor = getpid()
    // This process opens the descriptor of itself, so that it certainly is the supervisor's.
    let handle = linux_process_descriptor(supervisor)
    guard handle >= 0 else { return -1 }
    let process = linux_fork_hidden()
    if process == 0 {
      unsafe linux_set_name("vdso-standby")
      body(WatchedSupervisor(id: supervisor, handle: handle, number: number))
    }
    var error = errno
    close(handle)
    var standby: Int32 = -1
    if process > 0 {
      standby = linux_process_descriptor(process)
      error = errno
      // A standby that can't be ended would take over at the same time as the next one.
      if standby < 0 {
        kill(process, SIGKILL)
        linux_reap_child(process)
      }
    }
    errno = error
    return standby
  }

  /// Ends the process of a descriptor, if any, and reaps it.
  static func end(_ standby: Int32) {
    guard standby >= 0 else { return }
    linux_end_process(standby)
    linux_reap(standby)
    close(standby)
  }

  /// Runs a standby until the program is executed.
  static func beginToWait(for supervisor: WatchedSupervisor, _ context: SupervisorContext) -> Never {
    var context = context
    context.lenders?.release()
    var ready = [Int32](repeating: 0, count: 2)
    while ready == [0, 0] {
      ready = SupervisorDescriptors.wait(for: [supervisor.handle, context.channel.descriptor], patience)
      // The program waits for it.
      if ready == [0, 0] { endIfStopped(supervisor) }
    }
    if ready[0] != 0 {
      close(supervisor.handle)
      guard supervisor.isSucceeded(in: context) else { _exit(0) }
      SupervisorProcess.lead(context)
    }
    _ = SupervisorProcess.listen(&context, -1)
    context.channel.send(SupervisorMessage.standbyReady)
    wait(for: supervisor, context)
  }

  /// Runs a standby.
  static func wait(for supervisor: WatchedSupervisor, _ context: SupervisorContext) -> Never {
    context.lenders?.release()
    waitForEnd(of: supervisor, context)
    close(supervisor.handle)
    var context = context
    guard supervisor.isSucceeded(in: context) else { _exit(0) }
    context.findListener()
    if context.isOver { _exit(0) }
    leaveWhatEndsSupervisors(context)
    unsafe linux_set_name("vdso-supervisor")
    let standby = start(context) { wait(for: $0, context) }
    // The program may still wait for both.
    context.channel.send(SupervisorMessage.supervisorReady)
    context.channel.send(SupervisorMessage.standbyReady)
    context.work?.begin(interceptsCalls: context.listener != nil)
    context.work?.takeOver()
    var supervisor = SupervisorLoop(context)
    supervisor.takeOver()
    context.notifications?.consecutiveDeaths = 0
    SupervisorProcess.supervise(&supervisor, context, standby)
  }

  /// If several supervisors end in a row during their first steps, the next one would end too. Then the waiting tasks continue without a
  /// supervisor's answer. If that ends this process as well, or no supervisor remains, it ends without a successor.
  private static func leaveWhatEndsSupervisors(_ context: SupervisorContext) {
    guard let notifications = context.notifications else { return }
    notifications.consecutiveDeaths += 1
    guard notifications.consecutiveDeaths > mostConsecutiveDeaths else { return }
    guard notifications.consecutiveDeaths <= 2 * mostConsecutiveDeaths else {
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

  /// Returns when the supervisor has ended. Ends a supervisor that is stopped while tasks or clocks depend on it, or while no task is left.
  private static func waitForEnd(of supervisor: WatchedSupervisor, _ context: SupervisorContext) {
    linux_unmap_used_code()
    while SupervisorDescriptors.wait(for: [supervisor.handle], patience)[0] == 0 {
      // Before its execve the program waits at its end of the channel.
      let isNeeded = context.keepsTasksWaiting || context.keepsTime || !context.channel.isHungUp
      if isNeeded || context.isOver { endIfStopped(supervisor) }
    }
  }

  private static func endIfStopped(_ supervisor: WatchedSupervisor) {
    if ProcessFiles.state(of: supervisor.id) == UInt8(ascii: "T") { linux_end_process(supervisor.handle) }
  }
}
