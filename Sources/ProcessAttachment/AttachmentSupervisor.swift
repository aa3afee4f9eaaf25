// SPDX-License-Identifier: Apache-2.0

// A process that updates the time of attached processes.
//
// Assumes that the caller has one thread, as `fork` requires, and that everything that the work refers to outlives the child, which
// inherits it.

import CLinux
public import ExecEngine
import Glibc
import ProcessSupport

/// The process that updates a session's time page and receives changes of its time, as long as any process has the page.
///
/// No process depends on it: without it the clocks are right, but can't be changed.
public struct AttachmentSupervisor {
  private let connection: SupervisorChannel
  /// Its process id.
  public let process: Int32

  /// Starts it; it ends at once if this process ends before `keep` is called.
  public init(_ work: SupervisorDelegate, timePage: Int32) throws(AttachError) {
    let (near, far) = try attempt { () throws(SystemError) in try SupervisorChannel.pair() }
    let child = linux_adopts_orphans() ? linux_fork_hidden() : linux_fork_orphan()
    if child == 0 {
      near.close()
      Self.live(work, timePage, far)
    }
    let error = Errno.current
    far.close()
    guard child > 0 else {
      near.close()
      throw AttachError(SystemError("start a supervisor process", errno: error))
    }
    (connection, process) = (near, child)
  }

  /// Tells the supervisor that the processes have the page now. It ends when no process has the page any more.
  public func keep() {
    connection.close()
  }

  private static func live(_ work: SupervisorDelegate, _ timePage: Int32, _ connection: SupervisorChannel) -> Never {
    _ = unsafe chdir("/")
    linux_forbid_tracers()
    unsafe linux_set_name("vdso-supervisor")
    TimekeeperProcess.keep(work, after: connection.descriptor, timePage: timePage)
  }
}
