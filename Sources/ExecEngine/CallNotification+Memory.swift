// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ProcessSupport

/// The memory of tasks that wait in a call, as far as the supervisor may access it.
extension CallNotification {
  private static var closed: CallAnswer {
    .passed(
      reason: "its memory may not be read, because it has made itself undumpable or runs as another user")
  }

  /// Stores `bytes` for the task and returns nil. If that fails, returns the answer to the call: an error as from the kernel if there is no
  /// such memory, and the kernel's own result if the supervisor may not access it.
  public func store(_ bytes: [UInt8], at address: UInt64) -> CallAnswer? {
    do throws(SystemError) {
      try ProcessMemory(pid: thread).write(bytes, at: address)
      return nil
    } catch {
      return error.errno == .badAddress ? .result(-Int64(Errno.badAddress.rawValue)) : Self.closed
    }
  }

  /// The answer to a call whose arguments can't be read: the kernel's own result, with a message if the supervisor may not access the
  /// task's memory.
  public var answerIfUnread: CallAnswer {
    // The instruction behind the call is certainly mapped.
    ProcessMemory(pid: thread).bytes(at: programCounter, count: 1).isEmpty ? Self.closed : .proceed
  }
}
