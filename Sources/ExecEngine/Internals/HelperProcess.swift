// The life of a helper.
//
// Assumes that it is the one thread of its process.

import AuxvLoader
import CLinux
import Glibc
import SimulatedKernel

/// The process that supervises a session's programs.
enum HelperProcess {
  /// The life of the first helper.
  static func begin(_ duty: HelperDuty, isChild: Bool) -> Never {
    var duty = duty
    if isChild { duty.child = getpid() }
    signal(SIGCHLD, SIG_DFL)
    setsid()
    _ = unsafe chdir("/")
    linux_forbid_tracers()
    // Programs' stacks grow by this process's limit where it writes to them.
    linux_raise_limit(Int32(LINUX_LIMIT_STACK))
    duty.handle = linux_process_descriptor(duty.program)
    if duty.handle < 0 { duty.error = errno }
    duty.signals = linux_child_signals()
    if duty.signals < 0 { duty.error = errno }
    duty.ownTimePage = Execution.reopened(duty.supply.timePage)
    duty.notices = try? NoticeTable()
    let output = SessionOutput()
    duty.output = output
    HelperDescriptors.keep(
      [duty.supply.timePage, duty.channel.descriptor, duty.handle, duty.signals, duty.ownTimePage] + output.descriptors
        + (duty.supply.work?.descriptors() ?? []) + (duty.supply.work?.kept ?? [])
        + (duty.outer.map { [$0.connection] } ?? []))
    if let outer = duty.outer { duty.listen(in: outer) }
    lead(duty)
  }

  /// The life of a helper of a program that is not executed yet. It and its standby come before the filter, which they
  /// would inherit; the standby after what a sandbox may punish, which would meet each standby in turn.
  static func lead(_ duty: HelperDuty) -> Never {
    var duty = duty
    unsafe linux_set_name("vdso-helper")
    do throws(TaskError) {
      try attach(duty)
    } catch {
      duty.channel.send(error.errno)
      _exit(1)
    }
    // Where a helper before this one has said that it is ready, the program waits for the standby alone, and then
    // closes its end.
    if duty.channel.hasNumber { listen(&duty, -1) }
    let standby = duty.needsStandby ? StandbyProcess.start { StandbyProcess.beginToWait(for: $0, $1, duty) } : -1
    guard standby >= 0 || !duty.needsStandby else {
      duty.channel.send(errno)
      _exit(1)
    }
    // Where the standby is ready, too, the program may be on its way.
    guard duty.channel.send(HelperMessage.traced) || duty.listener != nil else { end(standby) }
    listen(&duty, standby)
    var supervisor = Supervisor(duty)
    supervisor.adopt(
      duty.program, timePage: duty.follows && duty.listener != nil && duty.outer == nil ? nil : duty.timePage,
      reaping: duty.childToReap)
    // The program waits for it: a helper that can't tell goes, and the program goes on without.
    guard duty.channel.send(HelperMessage.helperReady) || duty.listener != nil else { end(standby) }
    duty.supply.work?.begin(duty.listener != nil)
    supervise(&supervisor, duty, standby)
  }

  /// Ends this process and its standby, if any: the program isn't to be started, or not by it.
  private static func end(_ standby: Int32) -> Never {
    StandbyProcess.end(standby)
    _exit(1)
  }

  /// Takes the listening end that the program sends, if any, unless there is one already.
  static func listen(_ duty: inout HelperDuty, _ standby: Int32) {
    guard duty.listener == nil else { return }
    guard let (number, file) = duty.channel.look() else { end(standby) }
    guard number == HelperMessage.withoutListener || duty.listen(at: file) else {
      duty.channel.send(duty.listeningError)
      end(standby)
    }
  }

  /// Checks what the helper needs, and attaches to the program.
  private static func attach(_ duty: HelperDuty) throws(TaskError) {
    guard duty.error == 0 else { throw TaskError("wait for the program", errno: duty.error) }
    try TracedTask(id: duty.program).seize()
    // No such options: a sandbox that forbids the call says something else.
    guard waitpid(-1, nil, -1) == -1, errno == EINVAL || errno == EINTR else {
      throw TaskError("wait for the program", errno: errno)
    }
    // Where a word of its own lies, it lies in the program, whose copy it is.
    let memory = ProcessMemory(pid: duty.program)
    let address = unsafe UInt64(UInt(bitPattern: linux_environment()))
    try memory.write(try memory.read(8, at: address), at: address)
  }

  /// The life of a helper from then on.
  static func supervise(_ supervisor: inout Supervisor, _ duty: HelperDuty, _ standby: Int32) -> Never {
    var standby = standby
    while supervisor.run(standby: standby) == .standbyIsOld {
      // Two of them would both take over.
      StandbyProcess.end(standby)
      standby = StandbyProcess.start {
        supervisor.leaveTasks()
        duty.inner.leaveUnanswered()
        StandbyProcess.wait(for: $0, $1, duty)
      }
      // The program may still wait for one.
      duty.channel.send(HelperMessage.standbyReady)
    }
    StandbyProcess.end(standby)
    duty.listener?.leave()
    duty.supply.work?.end()
    _exit(0)
  }

  /// Waits until a process is gone as far as others see: until what it traced is traced no more.
  static func waitForEnd(of process: Int32) {
    let handle = linux_process_descriptor(process)
    guard handle >= 0 else { return }
    _ = HelperDescriptors.wait(for: [handle], nil)
    close(handle)
  }
}

extension HelperDuty {
  /// What is missing where that fails.
  var listeningError: Int32 { notices == nil ? ENOMEM : EMFILE }

  /// Hears of calls that the supervisor of `outer` hands on.
  mutating func listen(in outer: OuterSession) {
    filterCount = TaskStatus(of: program)?.filterCount
    guard needsListener else { return }
    if let notices { listener = CallListener(handedOnBy: outer, notices) } else { error = ENOMEM }
  }

  /// Takes the listening end, -1 where there was no room for it; says whether it could.
  mutating func listen(at file: Int32) -> Bool {
    guard file >= 0, let notices else { return false }
    listener = CallListener(descriptor: file, notices)
    filterCount = TaskStatus(of: program)?.filterCount
    return true
  }
}
