// The life of a helper's standby.
//
// Assumes that it is the one thread of its process.

import CLinux
import Glibc
import SimulatedKernel

/// A process that waits until the helper has ended, whatever ended it, and takes its place, with a standby of its own.
enum StandbyProcess {
  /// Milliseconds from one look at the helper to the next.
  private static let patience: Int32 = 1000

  /// Makes a process that lives by `body`, which is told of this one, the helper, and a descriptor of it.
  ///
  /// Returns the process's descriptor, or -1 and sets `errno` where the system has none to spare.
  static func start(_ body: (Int32, Int32) -> Never) -> Int32 {
    let helper = getpid()
    // One's own, so that it is surely the helper's.
    let handle = linux_process_descriptor(helper)
    guard handle >= 0 else { return -1 }
    let process = linux_fork_hidden()
    if process == 0 {
      unsafe linux_set_name("vdso-standby")
      body(helper, handle)
    }
    var error = errno
    close(handle)
    var standby: Int32 = -1
    if process > 0 {
      standby = linux_process_descriptor(process)
      error = errno
      // One that can't be told to go would take over beside the next.
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
  static func beginToWait(for helper: Int32, _ handle: Int32, _ duty: HelperDuty) -> Never {
    var duty = duty
    var ready = [Int32](repeating: 0, count: 2)
    while ready == [0, 0] {
      ready = HelperDescriptors.wait(for: [handle, duty.channel.descriptor], patience)
      // The program waits for it.
      if ready == [0, 0] { endIfStopped(helper, handle) }
    }
    if ready[0] != 0 {
      close(handle)
      HelperProcess.lead(duty)
    }
    HelperProcess.listen(&duty, -1)
    duty.channel.send(HelperMessage.standbyReady)
    wait(for: helper, handle, duty)
  }

  /// The life of a standby.
  static func wait(for helper: Int32, _ handle: Int32, _ duty: HelperDuty) -> Never {
    waitForEnd(of: helper, handle, duty)
    close(handle)
    if duty.isOver { _exit(0) }
    unsafe linux_set_name("vdso-helper")
    let standby = start { wait(for: $0, $1, duty) }
    // The program may still wait for both.
    duty.channel.send(HelperMessage.helperReady)
    duty.channel.send(HelperMessage.standbyReady)
    duty.supply.work?.begin(duty.listener != nil)
    duty.supply.work?.takeOver()
    var supervisor = Supervisor(duty)
    supervisor.takeOver()
    HelperProcess.supervise(&supervisor, duty, standby)
  }

  /// Returns when the helper has ended. One that is stopped while tasks or clocks depend on it, or when there is nobody left,
  /// is ended.
  private static func waitForEnd(of helper: Int32, _ handle: Int32, _ duty: HelperDuty) {
    while HelperDescriptors.wait(for: [handle], patience)[0] == 0 {
      // Before its execve the program waits at its end of the channel.
      let isNeeded = duty.keepsTasksWaiting || duty.keepsTime || !duty.channel.isHungUp
      if isNeeded || duty.isOver { endIfStopped(helper, handle) }
    }
  }

  private static func endIfStopped(_ helper: Int32, _ handle: Int32) {
    if ProcFile.state(of: helper) == UInt8(ascii: "T") { linux_end_process(handle) }
  }
}
