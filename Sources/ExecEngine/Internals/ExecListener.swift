// The listening end of the filter on execve, and the notice that is being dealt with.
//
// Assumes: the notice lies in memory that is shared with a process that may take over, and stays mapped for good; one
// process at a time deals with notices.

import CLinux
import Glibc

/// Hears of every execve of a tree of processes, and answers each.
@safe
struct ExecListener {
  /// A task that waits in execve.
  struct Notice {
    let id: UInt64
    /// 0 where this process can't see it.
    let thread: Int32
  }

  /// The descriptor of the filter's listening end.
  let descriptor: Int32
  private let notice: UnsafeMutablePointer<linux_exec_notice>

  init(descriptor: Int32) throws(TaskError) {
    self.descriptor = descriptor
    guard let memory = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
      unsafe memory != MAP_FAILED
    else { throw TaskError("get memory for a notice", errno: errno) }
    unsafe notice = memory.assumingMemoryBound(to: linux_exec_notice.self)
  }

  /// The next task that waits in execve, or nil where it is gone.
  func receive() -> Notice? {
    guard unsafe linux_receive_exec(descriptor, notice) == 0 else { return nil }
    return unsafe Notice(id: notice.pointee.id, thread: Int32(truncatingIfNeeded: notice.pointee.thread))
  }

  /// Lets the call go on.
  func letGo(_ notice: Notice) {
    _ = linux_continue_exec(descriptor, notice.id)
  }

  /// Ends the call with a copy of a descriptor as its result, or lets it fail.
  func answer(_ notice: Notice, with file: Int32) {
    if linux_answer_exec(descriptor, notice.id, file) < 0 { letGo(notice) }
  }
}
