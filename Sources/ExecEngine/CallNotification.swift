// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A task that waits in an intercepted system call.
public struct CallNotification: Hashable, Sendable {
  /// What the kernel knows the wait by.
  let id: UInt64
  /// Where the listener keeps it.
  let place: Int
  /// The thread, as the supervisor sees it; 0 if it can't.
  public let thread: Int32
  public let abi: SyscallABI
  public let number: UInt32
  /// Six words, of which the call uses as many as it has arguments; a 32-bit program's are 32 bits wide.
  public let arguments: [UInt64]
  /// Where the program goes on after the call.
  public let programCounter: UInt64

  /// Whether the task executes a program, and doesn't ask its supervisor for something.
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

/// What becomes of a system call that waits.
public enum CallAnswer {
  /// The kernel makes the call, as if it had not been intercepted. It reads memory that arguments point at again.
  case proceed
  /// It makes the call, though the program should find something else: the user reads `reason`, once for each process.
  case passed(reason: String)
  /// The call returns this instead of being made; an error number negated.
  case result(Int64)
  /// The kernel makes another call in its place; it proceeds where the task can't be traced or has no space on its stack.
  case replace(CallRewrite)
}

/// System calls of a tree of programs that a process answers in place of the kernel.
public struct CallInterceptor {
  /// Which calls that programs on this machine make. `execve` and `execveat` are the supervisor's own.
  public let calls: [InterceptedCall]
  /// Says what becomes of each. It is called in the supervising process, one at a time, and other tasks wait meanwhile.
  public var answer: (CallNotification) -> CallAnswer

  public init(_ calls: [InterceptedCall], answer: @escaping (CallNotification) -> CallAnswer) {
    self.calls = calls.ofThisMachine
    self.answer = answer
  }
}
