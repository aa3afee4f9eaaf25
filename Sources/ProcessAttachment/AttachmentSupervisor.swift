// SPDX-License-Identifier: Apache-2.0

// A process that keeps the time of processes that are attached.
//
// Assumes that the caller has one thread, as `fork` does, and that what the work refers to outlives the child, which inherits it.

import CLinux
public import ExecEngine
import Glibc
import ProcessSupport

/// The process that updates a session's time page and receives changes of its time, for as long as any process has the page.
///
/// No process depends on it: without it clocks are right, but can't be changed.
public struct AttachmentSupervisor {
  /// Milliseconds from one look at who has the page to the next.
  private static let patience: Int32 = 1000

  private let connection: Int32
  /// Its number.
  public let process: Int32

  /// Starts it; it ends at once if this process ends before `keep` is called.
  public init(_ work: SupervisorDelegate, timePage: Int32) throws(AttachError) {
    var ends: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw AttachError(SystemError("make a socket", errno: Errno(rawValue: errno)))
    }
    let child = linux_adopts_orphans() ? linux_fork_hidden() : linux_fork_orphan()
    if child == 0 {
      close(ends[1])
      Self.live(work, timePage, ends[0])
    }
    let error = Errno(rawValue: errno)
    close(ends[0])
    guard child > 0 else {
      close(ends[1])
      throw AttachError(SystemError("start a supervisor process", errno: error))
    }
    (connection, process) = (ends[1], child)
  }

  /// Says that processes have the page now, or that there are none; the supervisor ends when there are none any more.
  public func keep() {
    close(connection)
  }

  private static func live(_ work: SupervisorDelegate, _ timePage: Int32, _ connection: Int32) -> Never {
    setsid()
    _ = unsafe chdir("/")
    linux_forbid_tracers()
    unsafe linux_set_name("vdso-supervisor")
    let ownTimePage = Execution.reopened(timePage)
    SupervisorDescriptors.keep([timePage, ownTimePage, connection] + work.descriptors + work.kept)
    work.begin(interceptsCalls: false)
    var connection = connection
    while true {
      let ready = SupervisorDescriptors.wait(for: [connection] + work.descriptors, work.interval ?? patience)
      if ready.dropFirst().contains(where: { $0 != 0 }) { work.serve() }
      if work.interval != nil || work.patience != nil { work.refresh() }
      if connection >= 0, ready[0] != 0 {
        close(connection)
        connection = -1
      }
      if connection < 0, !linux_is_open_elsewhere(ownTimePage) {
        work.end()
        _exit(0)
      }
    }
  }
}
