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
    if context.isReadyFirst {
      context.ownTimePage = Execution.openedSeparately(context.supply.timePage)
      context.notifications = try? PendingNotifications()
      separate(&context)
    }
    if let outer = context.outer { context.listen(in: outer) }
    lead(context)
  }

  /// Gives this process an output of its own, and leaves it only the descriptors that it needs.
  private static func separate(_ context: inout SupervisorContext) {
    // No process reads lines of a session that begins in the middle of a program.
    if context.attachment == nil {
      let output = SessionOutput()
      context.output = output
      context.lenders = OutputLenders(isNeeded: output.isBorrowed)
    }
    SupervisorDescriptors.keep(
      [context.supply.timePage, context.channel.descriptor, context.handle, context.signals, context.ownTimePage]
        + (context.output?.descriptors ?? []) + (context.lenders?.descriptors ?? [])
        + (context.supply.work?.descriptors ?? []) + (context.supply.work?.kept ?? [])
        + (context.outer.map { [$0.connection] } ?? []) + (context.attachment?.watch?.descriptors ?? []))
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
    if context.channel.hasNumber { _ = listen(&context, -1) }
    var standby =
      context.needsStandby ? StandbyProcess.start(context) { StandbyProcess.beginToWait(for: $0, context) } : -1
    guard standby >= 0 || !context.needsStandby else {
      context.channel.send(errno)
      _exit(1)
    }
    // If the standby is ready too, the program may continue at any moment.
    guard context.channel.send(SupervisorMessage.traced) || context.mayGoOnAlone else { end(standby) }
    if !listen(&context, standby), context.findListener() {
      // The standby is to have it, too.
      StandbyProcess.replace(&standby, context) { StandbyProcess.wait(for: $0, context) }
    }
    // The program waits for this message. If it can't be sent, the supervisor ends, and the program continues without one.
    guard context.channel.send(SupervisorMessage.supervisorReady) || context.mayGoOnAlone else { end(standby) }
    // The program executes meanwhile, until it stops for this process.
    if !context.isReadyFirst { separate(&context) }
    var supervisor = SupervisorLoop(context)
    if context.attachment == nil {
      supervisor.adopt(
        context.program,
        timePage: context.follows && context.listener != nil && context.outer == nil ? nil : context.timePage,
        reaping: context.childToReap)
    }
    context.work?.begin(interceptsCalls: context.listener != nil)
    // If the program's execve is intercepted, this process is free after its answer.
    if context.listener == nil { supervisor.prepare() }
    supervise(&supervisor, context, standby)
  }

  /// Ends this process and its standby, if any, because the program won't be started, or not by this supervisor.
  private static func end(_ standby: Int32) -> Never {
    StandbyProcess.end(standby)
    _exit(1)
  }

  /// Takes the listening end that the program sends, if any, unless there is one already. False if the process is gone that was to send it
  /// from a program that runs already.
  static func listen(_ context: inout SupervisorContext, _ standby: Int32) -> Bool {
    guard context.listener == nil else { return true }
    awaitMessage(context)
    guard let (number, files) = context.channel.look(), number != SupervisorMessage.dismissed else {
      guard context.attachment != nil, context.channel.look() == nil else { end(standby) }
      return false
    }
    guard number == SupervisorMessage.withoutListener || context.listen(at: files) else {
      context.channel.send(context.listeningError)
      end(standby)
    }
    return true
  }

  /// Waits until the program has sent a message, or is gone. It is traced already: meanwhile its signals reach it.
  private static func awaitMessage(_ context: SupervisorContext) {
    let task = TracedTask(id: context.program)
    var record = [UInt8](repeating: 0, count: Int(LINUX_SIGNAL_RECORD_SIZE))
    while SupervisorDescriptors.wait(for: [context.channel.descriptor, context.signals], nil)[0] == 0 {
      _ = unsafe read(context.signals, &record, record.count)
      var status: Int32 = 0
      guard unsafe waitpid(task.id, &status, WNOHANG | Int32(LINUX_WAIT_ALL)) == task.id else { continue }
      task.pass(StopStatus(waitStatus: status))
    }
  }

  /// Checks what the supervisor needs, and attaches to the program.
  private static func attach(_ context: SupervisorContext) throws(SystemError) {
    guard context.error == 0 else { throw SystemError("wait for the program", errno: Errno(rawValue: context.error)) }
    if context.attachment == nil { try TracedTask(id: context.program).seize() }
    // The options are invalid on purpose. Under a sandbox that forbids the call, the error is another one.
    guard waitpid(-1, nil, -1) == -1, [.invalidArgument, .interrupted].contains(Errno.current) else {
      throw SystemError("wait for the program", errno: .current)
    }
    guard context.attachment == nil else { return }
    // This process is a copy of the program's, so one of its own words has the same address there.
    let memory = ProcessMemory(pid: context.program)
    let address = unsafe UInt64(UInt(bitPattern: linux_environment()))
    try memory.write(try memory.read(8, at: address), at: address)
  }

  /// Runs a supervisor from then on.
  static func supervise(_ supervisor: inout SupervisorLoop, _ context: SupervisorContext, _ standby: Int32) -> Never {
    var standby = standby
    while supervisor.run(standby: standby) == .standbyIsOld {
      StandbyProcess.replace(&standby, context) {
        supervisor.leaveTasks()
        context.inner.leaveUnanswered()
        StandbyProcess.wait(for: $0, context)
      }
      // The program may still wait for a standby.
      context.channel.send(SupervisorMessage.standbyReady)
    }
    StandbyProcess.end(standby)
    context.listener?.leave()
    context.work?.end()
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
  /// Whether the supervisor gets all that it needs before the program goes on; otherwise it does so while the program is executed.
  fileprivate var isReadyFirst: Bool { needsStandby || attachment != nil }

  /// Whether processes may depend on this one that can't learn of its end any more.
  var mayGoOnAlone: Bool { listener != nil || attachment != nil }

  /// Looks for the listening end where the process is gone that was to send it; true if there is a new one.
  @discardableResult
  mutating func findListener() -> Bool {
    guard let attachment, listener == nil, channel.look() == nil else { return false }
    return listen(at: attachment.lookForListeners())
  }

  /// The error number if that fails.
  var listeningError: Int32 { notifications == nil ? ENOMEM : EMFILE }

  /// Receives calls that the supervisor of `outer` forwards.
  mutating func listen(in outer: OuterSession) {
    filterCount = TaskStatus(of: program)?.filterCount
    guard needsListener else { return }
    if let notifications { listener = CallListener(handedOnBy: outer, notifications) } else { error = ENOMEM }
  }

  /// Takes the listening ends, none if there was no room for them; says whether it could.
  mutating func listen(at files: [Int32]) -> Bool {
    guard !files.isEmpty, let notifications else { return false }
    listener = CallListener(files, notifications)
    attachment?.receive(files)
    if let attachment {
      // If tasks had filters before the session's, 0 makes each of them count as a task with filters of its own.
      filterCount = attachment.hasOtherFilters ? 0 : TaskStatus(of: program)?.filterCount
    } else {
      // The program's process has forked this one, and has since installed one filter.
      filterCount = TaskStatus.ownFilterCount.map { $0 + 1 }
    }
    return true
  }
}
