// SPDX-License-Identifier: Apache-2.0

/// The event that waiting for a traced task returns. The corresponding C macros are `WIFSTOPPED` and `WSTOPSIG`.
package enum StopStatus: Hashable {
  /// The task is gone.
  case ended
  /// It stopped inside an execve that has succeeded. The corresponding C constant is `PTRACE_EVENT_EXEC`.
  case exec
  /// It stopped because it was interrupted. The corresponding C constant is `PTRACE_EVENT_STOP`.
  case interrupted
  /// It stopped with its whole process, as it would have without a tracer.
  case groupStop
  /// It stopped at the beginning or the end of a system call.
  case call
  /// A signal is about to be delivered.
  case signal(Int32)

  static let trap: Int32 = 5

  package init(waitStatus status: Int32) {
    guard status & 0xff == 0x7f else {
      self = .ended
      return
    }
    let signal = status >> 8 & 0xff
    switch status >> 16 {
    case 4: self = .exec
    case 128: self = signal == Self.trap ? .interrupted : .groupStop
    default: self = signal == Self.trap | 0x80 ? .call : .signal(signal)
    }
  }
}
