// The listening end of a filter on system calls, and the notice that is being dealt with.
//
// Assumes: the notice lies in memory that stays mapped for good; one process at a time deals with notices.

import CLinux
import Glibc

/// Hears of every watched system call of a tree of processes, and answers each.
@safe
struct CallListener {
  /// The descriptor of the filter's listening end.
  let descriptor: Int32
  private let notice: UnsafeMutablePointer<linux_call_notice>

  /// Has this process and all descendants wait in those calls: the listening end, or an error number negated.
  static func listen(for calls: [WatchedCall]) -> Int32 {
    let filter = CallFilter(calls)
    return unsafe filter.instructions.withUnsafeBufferPointer { instructions in
      unsafe linux_listen_for_calls(instructions.baseAddress, instructions.count)
    }
  }

  init(descriptor: Int32) throws(TaskError) {
    self.descriptor = descriptor
    guard let memory = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
      unsafe memory != MAP_FAILED
    else { throw TaskError("get memory for a notice", errno: errno) }
    unsafe notice = memory.assumingMemoryBound(to: linux_call_notice.self)
  }

  /// The next task that waits in a watched call, or nil where it is gone.
  func receive() -> CallNotice? {
    guard unsafe linux_receive_call(descriptor, notice) == 0 else { return nil }
    let received = unsafe notice.pointee
    let arguments = received.arguments
    return CallNotice(
      id: received.id, thread: Int32(truncatingIfNeeded: received.thread),
      interface: CallInterface(rawValue: received.architecture), number: UInt32(bitPattern: received.number),
      arguments: [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5],
      programCounter: received.instruction_pointer)
  }

  /// Ends the wait; a task that is gone meanwhile gives no error.
  func answer(_ notice: CallNotice, _ answer: CallAnswer) {
    switch answer {
    case .proceed, .replace: _ = linux_continue_call(descriptor, notice.id)
    case .result(let result): _ = linux_answer_call(descriptor, notice.id, result)
    }
  }

  /// Whether the task still waits: what has been read of its memory was its own.
  func isWaiting(_ notice: CallNotice) -> Bool { linux_check_waiting(descriptor, notice.id) == 0 }

  /// Ends the call with a copy of a descriptor as its result, or lets it fail.
  func answer(_ notice: CallNotice, withCopyOf file: Int32) {
    if linux_answer_call_with_descriptor(descriptor, notice.id, file) < 0 { answer(notice, .proceed) }
  }
}
