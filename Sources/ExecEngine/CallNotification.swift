// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A task that waits in an intercepted system call.
public struct CallNotification: Hashable, Sendable {
  /// The kernel's identifier of the wait.
  let id: UInt64
  /// The listener's index for it.
  let place: Int
  /// The index of the listening end that it came from.
  var end = 0
  /// The thread's id in the supervisor's PID namespace; 0 if it has none there.
  public let thread: Int32
  public let abi: SyscallABI
  public let number: UInt32
  /// Six words, of which the call uses as many as it has arguments. A 32-bit program's words have 32 bits.
  public let arguments: [UInt64]
  /// The address at which the program continues after the call.
  public let programCounter: UInt64

  /// Whether the task really executes a program: a request to its supervisor is an execve too.
  var isExecution: Bool { isOne(of: .executing) && arguments[1] != SessionRequest.mark }

  /// Whether it is one of `calls`.
  func isOne(of calls: [InterceptedCall]) -> Bool {
    calls.contains { call in
      guard call.abi == abi, call.number == number else { return false }
      if let pointer = call.pointer, arguments[pointer] == 0 { return false }
      return call.conditions.allSatisfy {
        UInt32(truncatingIfNeeded: arguments[$0.argument]) & $0.mask == $0.value
      }
    }
  }
}

/// The answer to a system call that waits.
public enum CallAnswer {
  /// The kernel makes the call as if it had not been intercepted. It reads memory that arguments point at once more.
  case proceed
  /// The kernel makes the call, although the program should get another result. The user reads `reason`, once for each process.
  case passed(reason: String)
  /// The call returns this value, or a negated error number, without being made.
  case result(Int64)
  /// The task makes another call instead. If it can't be traced or has no space on its stack, the kernel makes the original call.
  case replace(CallRewrite)
}

/// System calls of a process tree that a process answers instead of the kernel.
public struct CallInterceptor {
  /// The intercepted calls, as programs on this machine make them. `execve` and `execveat` are the supervisor's own.
  public let calls: [InterceptedCall]
  /// Returns the answer to each call. The supervising process calls it for one call at a time, while other tasks wait.
  public var answer: (CallNotification) -> CallAnswer

  public init(_ calls: [InterceptedCall], answer: @escaping (CallNotification) -> CallAnswer) {
    self.calls = calls.ofThisMachine
    self.answer = answer
  }
}
