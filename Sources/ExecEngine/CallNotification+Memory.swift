// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ProcessSupport

/// The memory of tasks that wait in a call, as far as it is open to the supervisor.
extension CallNotification {
  private static var closed: CallAnswer {
    .passed(
      reason: "its memory may not be read, because it has made itself undumpable or runs as another user")
  }

  /// Stores `bytes` for the task; nil once that is done, else what becomes of the call: as from the kernel if there is no such
  /// memory, and the kernel's own answer where it isn't open.
  public func store(_ bytes: [UInt8], at address: UInt64) -> CallAnswer? {
    do throws(SystemError) {
      try ProcessMemory(pid: thread).write(bytes, at: address)
      return nil
    } catch {
      return error.errno == .badAddress ? .result(-Int64(Errno.badAddress.rawValue)) : Self.closed
    }
  }

  /// What becomes of a call of which nothing could be read: the kernel's own answer, and where the task's memory isn't open, a
  /// word about it.
  public var answerIfUnread: CallAnswer {
    // The instruction behind the call surely is there.
    ProcessMemory(pid: thread).bytes(at: programCounter, count: 1).isEmpty ? Self.closed : .proceed
  }
}
