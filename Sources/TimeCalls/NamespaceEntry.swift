// SPDX-License-Identifier: Apache-2.0

import CLinux
public import ExecEngine

/// System calls by which a process enters another time namespace without executing a program. The process keeps its page, whose counter
/// clocks lack the namespace's offsets.
public enum NamespaceEntry {
  /// CLONE_NEWTIME.
  private static let timeFlag: UInt32 = 0x80
  private static let unshare: [(SyscallABI, UInt32)] = [
    (.x86_64, 272), (.i386, 310), (.aarch64, 97), (.riscv64, 97),
  ]
  private static let setns: [(SyscallABI, UInt32)] = [(.x86_64, 308), (.i386, 346), (.aarch64, 268), (.riscv64, 268)]

  /// Calls `body` before the kernel makes such a call.
  ///
  /// A namespace made by `clone3` isn't noticed, because its flags are in memory. The corresponding C functions are `unshare` and `setns`.
  public static func interceptor(_ body: @escaping () -> Void) -> CallInterceptor {
    let calls =
      unshare.map { InterceptedCall($0, $1, where: [flagged(argument: 0)]) }
      + setns.flatMap {
        [
          InterceptedCall($0, $1, where: [flagged(argument: 1)]),
          InterceptedCall($0, $1, where: [.init(argument: 1, value: 0)]),
        ]
      }
    return CallInterceptor(calls) { notification in
      if isEntry(notification) { body() }
      return .proceed
    }
  }

  private static func flagged(argument: Int) -> InterceptedCall.Condition {
    .init(argument: argument, mask: timeFlag, value: timeFlag)
  }

  private static func isEntry(_ notification: CallNotification) -> Bool {
    let isUnnamed =
      setns.contains { $0.0 == notification.abi && $0.1 == notification.number }
      && UInt32(truncatingIfNeeded: notification.arguments[1]) == 0
    // If there are no flags, the descriptor decides which kind of namespace is entered.
    let descriptor = Int32(truncatingIfNeeded: notification.arguments[0])
    return !isUnnamed || linux_is_time_namespace(notification.thread, descriptor)
  }
}
