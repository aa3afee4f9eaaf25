// SPDX-License-Identifier: Apache-2.0

// Programs that are executed, and what tasks request, from the view of the supervisor.
//
// Assumes that its process has one thread.

import AuxvLoader
import CLinux
import ELF
import Glibc
import ProcessSupport
import TimePages

extension SupervisorLoop {
  /// Handles a task that waits in execve.
  mutating func takeExecution(_ notification: CallNotification, _ listener: CallListener) {
    if let request = SessionRequest(notification) { return take(request, notification, listener) }
    let process = TaskStatus.process(of: notification.thread)
    let isFirst = injections[process]?.isFirst == true
    switch injections[process] {
    case .some(let known) where known.thread.id != notification.thread:
      // Attaching would wait for the other thread's execve, which waits for this process.
      deferred.append(notification)
      injections[process]?.interrupt()
      return
    case .some: break
    case .none:
      do throws(SystemError) {
        guard notification.thread != 0 else {
          throw SystemError("identify a process of another PID namespace", errno: .noSuchProcess)
        }
        if !users.isKept(notification.thread) {
          users.act(for: notification.thread)
          defer { users.stopActing() }
          try TracedTask(id: notification.thread).seize()
        }
      } catch {
        return letGo(notification, error, listener)
      }
      injections[process] = PageInjection(
        thread: notification.thread, process: process, .request, sessionsFilters: context.filterCount,
        isWatchedAlways: context.endsWithPage || context.attachment != nil)
    }
    injections[process]?.begin(isFirst ? nil : ClosingConnections(of: notification.thread, in: process))
    showTasksAtWork()
    listener.answer(notification, .proceed)
    if isFirst { prepare() }
  }

  /// Whether a thread has to make its call again: it makes another one than execve, so an execve that was open has failed. Until the thread
  /// is let go for that, no other call of it can be traced.
  mutating func endsOpenExecution(_ notification: CallNotification, _ listener: CallListener) -> Bool {
    guard !injections.isEmpty, !notification.isOne(of: .executing),
      let process = injections.first(where: { $0.value.thread.id == notification.thread && $0.value.isOpen })?.key
    else { return false }
    injections[process]?.interrupt()
    listener.answer(notification, .result(Self.restart))
    return true
  }

  /// ERESTARTNOINTR, negated: when a thread stops at the end of a call, the kernel makes the call again.
  private static let restart: Int64 = -513

  /// Interrupts threads whose execve may have failed.
  mutating func interruptLate() {
    guard !injections.isEmpty else { return }
    let now = HostClock.uptime
    for process in injections.keys { injections[process]?.interrupt(at: now) }
  }

  /// Handles a task in execve that can't be traced.
  private mutating func letGo(_ notification: CallNotification, _ error: SystemError, _ listener: CallListener) {
    let task = notification.thread == 0 ? nil : TaskStatus(of: notification.thread)
    let tracer = task.flatMap { $0.tracer == 0 ? nil : TaskStatus(of: $0.tracer) }
    switch TracedExecution(task, tracer: tracer, sessionsFilters: context.filterCount, error) {
    case .proceeds(var reason):
      if error.errno == .notPermitted, task?.tracer == 0, task?.effectiveUser != geteuid(), !linux_may_trace_others() {
        reason =
          "its supervisor may not trace programs of other users: add the capability SYS_PTRACE (docker run --cap-add "
          + "SYS_PTRACE), or start demo-loader as that user"
      }
      if notification.thread != lastLeft { report(ProgramEvent(process: notification.thread, change: .left(reason))) }
      lastLeft = notification.thread
      listener.answer(notification, .proceed)
    case .proceedsUnseen(let reason):
      report(ProgramEvent(process: notification.thread, isAlwaysPrinted: true, change: .left(reason)))
      listener.answer(notification, .proceed)
    case .refused(let reason):
      report(ProgramEvent(process: notification.thread, isAlwaysPrinted: true, change: .refused(reason)))
      listener.answer(notification, .result(Int64(-EPERM)))
    }
  }

  /// Handles a task's request.
  mutating func take(_ request: SessionRequest, _ notification: CallNotification, _ listener: CallListener) {
    switch request {
    case .timePage(_, let wish):
      if !context.endsWithPage && context.attachment == nil && context.ownTimePage >= 0 {
        // No lease on it ends the session.
        listener.answer(notification, withCopyOf: context.ownTimePage, as: wish)
      } else {
        supply.withTimePageForProgram { listener.answer(notification, withCopyOf: $0, as: wish) }
      }
    case .presence: listener.answer(notification, .result(Int64(getpid())))
    case .detached: noteDetached(notification, listener)
    case .failure(_, let list):
      let bytes = ProcessMemory(pid: notification.thread).bytes(at: list, count: InjectedCalls.mostBytes)
      let error = InjectedCalls.error(in: bytes, notification.abi == .i386 ? .bits32 : .native)
      let failure = SystemError("place the pages in the program", errno: error.map { Errno(result: $0) } ?? .ioError)
      report(ProgramEvent(process: notification.thread, change: .left("\(failure)")))
      listener.answer(notification, .result(0))
    case .session(let number, let follows):
      // It is answered when the standby knows of it.
      if !context.inner.add(notification, number: number, follows: follows) { listener.answer(notification, .proceed) }
    }
  }
}
