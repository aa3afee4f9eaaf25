// SPDX-License-Identifier: Apache-2.0

/// A system call that a task makes instead of the one in which it waits, with other arguments or another number.
public struct CallRewrite {
  public var number: UInt32
  /// Six words.
  public var arguments: [UInt64]
  /// The bytes that arguments point at. They lie below the task's stack while the call is made.
  public var memory: [(argument: Int, bytes: [UInt8])] = []
  /// Called when the call has returned, with its result and the memory as it is then. Returns the result that the task gets. Results from
  /// -512 to -516 are the kernel's internal ones, for a call that a signal has interrupted.
  public var finish: (_ result: Int64, _ memory: [[UInt8]]) -> Int64 = { result, _ in result }

  /// Whether it is the same call and differs only in `finish`.
  func isCall(_ notification: CallNotification) -> Bool {
    number == notification.number && arguments == notification.arguments && memory.isEmpty
  }

  /// The same call with the same arguments.
  public init(_ notification: CallNotification) {
    number = notification.number
    arguments = notification.arguments
  }
}
