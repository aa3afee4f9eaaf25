// SPDX-License-Identifier: Apache-2.0

// The life of a supervisor process.
//
// Assumes that its process has one thread.

import AuxvLoader
import ProcessSupport
import CLinux
import Glibc
import SimulatedKernel

/// The process that supervises a session's programs.
enum SupervisorProcess {
  /// Runs the first supervisor.
  static func begin(_ context: SupervisorContext, isChild: Bool) -> Never {
    var context = context
    if isChild { context.child = getpid() }
    signal(SIGCHLD, SIG_DFL)
    setsid()
    _ = unsafe chdir("/")
    linux_forbid_tracers()
    // When this process writes to a program's stack, the stack grows by this process's limit.
    linux_raise_limit(Int32(LINUX_LIMIT_STACK))
    context.handle = linux_process_descriptor(context.program)
    if context.handle < 0 { context.error = errno }
    context.signals = linux_child_signals()
    if context.signals < 0 { context.error = errno }
    context.ownTimePage = Execution.openedSeparately(context.supply.timePage)
    context.notifications = try? PendingNotifications()
    let output = SessionOutput()
    let lenders = OutputLenders(isNeeded: output.isBorrowed)
    context.output = output
    context.lenders = lenders
    SupervisorDescriptors.keep(
      [context.supply.timePage, context.channel.descriptor, context.handle, context.signals, context.ownTimePage]
        + output.descriptors + lenders.descriptors
        + (context.supply.work?.descriptors ?? []) + (context.supply.work?.kept ?? [])
        + (context.outer.map { [$0.connection] } ?? []))
    if let outer = context.outer { context.listen(in: outer) }
    lead(context)
  }

  /// Runs a supervisor before its program is executed. It and its standby are started before the filter is installed, because they would
  /// inherit it. The standby is started after calls that a sandbox may punish, which would otherwise kill one standby after another.
  static func lead(_ context: SupervisorContext) -> Never {
    var context = context
    unsafe linux_set_name("vdso-supervisor")
    do throws(SystemError) {
      try attach(context)
    } catch {
      context.channel.send(error.errno.rawValue)
      _exit(1)
    }
    // If an earlier supervisor has said that it is ready, the program waits only for the standby, and then closes its end.
    if context.channel.hasNumber { listen(&context, -1) }
    let standby = context.needsStandby ? StandbyProcess.start { StandbyProcess.beginToWait(for: $0, $1, context) } : -1
    guard standby >= 0 || !context.needsStandby else {
      context.channel.send(errno)
      _exit(1)
    }
    // If the standby is ready too, the program may continue at any moment.
    guard context.channel.send(SupervisorMessage.traced) || context.listener != nil else { end(standby) }
    listen(&context, standby)
    var supervisor = SupervisorLoop(context)
    supervisor.adopt(
      context.program,
      timePage: context.follows && context.listener != nil && context.outer == nil ? nil : context.timePage,
      reaping: context.childToReap)
    // The program waits for this message. If it can't be sent, the supervisor ends, and the program continues without one.
    guard context.channel.send(SupervisorMessage.supervisorReady) || context.listener != nil else { end(standby) }
    context.supply.work?.begin(interceptsCalls: context.listener != nil)
    supervise(&supervisor, context, standby)
  }

  /// Ends this process and its standby, if any, because the program won't be started, or not by this supervisor.
  private static func end(_ standby: Int32) -> Never {
    StandbyProcess.end(standby)
    _exit(1)
  }

  /// Receives the listener that the program sends, if any, unless there is one already.
  static func listen(_ context: inout SupervisorContext, _ standby: Int32) {
    guard context.listener == nil else { return }
    guard let (number, file) = context.channel.look() else { end(standby) }
    guard number == SupervisorMessage.withoutListener || context.listen(at: file) else {
      context.channel.send(context.listeningError)
      end(standby)
    }
  }

  /// Checks what the supervisor needs, and attaches to the program.
  private static func attach(_ context: SupervisorContext) throws(SystemError) {
    guard context.error == 0 else { throw SystemError("wait for the program", errno: Errno(rawValue: context.error)) }
    try TracedTask(id: context.program).seize()
    // The options are invalid on purpose. Under a sandbox that forbids the call, the error is another one.
    guard waitpid(-1, nil, -1) == -1, [.invalidArgument, .interrupted].contains(Errno.current) else {
      throw SystemError("wait for the program", errno: .current)
    }
    // This process is a copy of the program's, so one of its own words has the same address there.
    let memory = ProcessMemory(pid: context.program)
    let address = unsafe UInt64(UInt(bitPattern: linux_environment()))
    try memory.write(try memory.read(8, at: address), at: address)
  }

  /// Runs a supervisor from then on.
  static func supervise(_ supervisor: inout SupervisorLoop, _ context: SupervisorContext, _ standby: Int32) -> Never {
    var standby = standby
    while supervisor.run(standby: standby) == .standbyIsOld {
      // Two standbys would both take over.
      StandbyProcess.end(standby)
      standby = StandbyProcess.start {
        supervisor.leaveTasks()
        context.inner.leaveUnanswered()
        StandbyProcess.wait(for: $0, $1, context)
      }
      // The program may still wait for a standby.
      context.channel.send(SupervisorMessage.standbyReady)
    }
    StandbyProcess.end(standby)
    context.listener?.leave()
    context.supply.work?.end()
    _exit(0)
  }

  /// Waits until a process is gone as far as others can see, when it no longer traces anything.
  static func waitForEnd(of process: Int32) {
    let handle = linux_process_descriptor(process)
    guard handle >= 0 else { return }
    _ = SupervisorDescriptors.wait(for: [handle], nil)
    close(handle)
  }
}

extension SupervisorContext {
  /// The error number if that fails.
  var listeningError: Int32 { notifications == nil ? ENOMEM : EMFILE }

  /// Receives calls that the supervisor of `outer` forwards.
  mutating func listen(in outer: OuterSession) {
    filterCount = TaskStatus(of: program)?.filterCount
    guard needsListener else { return }
    if let notifications { listener = CallListener(handedOnBy: outer, notifications) } else { error = ENOMEM }
  }

  /// Takes the listener, which is -1 if there was no free descriptor for it. Returns whether it could.
  mutating func listen(at file: Int32) -> Bool {
    guard file >= 0, let notifications else { return false }
    listener = CallListener(descriptor: file, notifications)
    filterCount = TaskStatus(of: program)?.filterCount
    return true
  }
}
