// SPDX-License-Identifier: Apache-2.0

// Tasks that change their user.
//
// Assumes that its process has one thread: ids are changed by single calls, for this thread. A directory's entry is valid until the next
// one is read.

import CLinux
import Glibc

/// Handles tasks that change their user, if this process may trace only tasks of its own user: as root without CAP_SYS_PTRACE, which
/// containers have.
///
/// A task that has changed its user can't be attached to before it executes a program. Therefore this process attaches to it at the call
/// that changes the user, and keeps it attached. From then on this process takes the ids of the task's user as its real ids, which the
/// kernel compares, when it acts for the task.
struct UserChanges {
  /// Whether that is needed. The corresponding C constant is `CAP_SYS_PTRACE`.
  static var areIntercepted: Bool { geteuid() == 0 && !linux_may_trace_others() }

  /// setuid, setgid, and similar calls.
  static let calls: [InterceptedCall] =
    ([105, 106, 113, 114, 117, 119].map { InterceptedCall(.x86_64, $0) }
    + [105, 106, 113, 114, 117, 119].map { InterceptedCall(.x86_64, SyscallABI.x32 + $0) }
    + [23, 46, 70, 71, 164, 170, 203, 204, 208, 210, 213, 214].map { InterceptedCall(.i386, $0) }
    + [143, 144, 145, 146, 147, 149].map { InterceptedCall(.aarch64, $0) }
    + [23, 46, 70, 71, 164, 170, 203, 204, 208, 210, 213, 214].map { InterceptedCall(.arm, $0) }
    + [143, 144, 145, 146, 147, 149].map { InterceptedCall(.riscv64, $0) }).ofThisMachine

  private let areIntercepted = Self.areIntercepted
  /// Threads that are traced since they changed their user.
  private var kept: Set<Int32> = []

  func isKept(_ thread: Int32) -> Bool { kept.contains(thread) }

  /// Handles a thread that is about to change some of its process's ids. If it can't be traced, it is left alone. Once one thread has
  /// changed its user, no thread of the process can be attached to any more.
  mutating func keep(_ thread: Int32, of process: Int32) {
    guard areIntercepted, thread != 0, !kept.contains(thread) else { return }
    act(for: thread)
    for thread in Self.threads(of: process) where !kept.contains(thread) {
      if (try? TracedTask(id: thread).seize()) != nil { kept.insert(thread) }
    }
    stopActing()
  }

  private static func threads(of process: Int32) -> [Int32] {
    guard let directory = unsafe opendir("/proc/\(process)/task") else { return [process] }
    defer { unsafe closedir(directory) }
    var result: [Int32] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe $0.prefix { $0 != 0 }.map { $0 } }
      if let thread = Int32(String(decoding: name, as: UTF8.self)) { result.append(thread) }
    }
    return result
  }

  /// Notes that the thread is no longer traced, or traced for another reason.
  mutating func forget(_ thread: Int32) {
    kept.remove(thread)
  }

  /// Continues a traced thread after a stop that needs no handling.
  mutating func pass(_ thread: Int32, _ stop: StopStatus) {
    if stop == .ended { forget(thread) }
    TracedTask(id: thread).pass(stop)
  }

  /// Takes a task's real user and group as this process's, until `stopActing`.
  func act(for task: Int32) {
    guard areIntercepted, let status = TaskStatus(of: task), let user = status.onlyUser, let group = status.onlyGroup,
      user != 0 || group != 0
    else { return }
    linux_set_real_ids(user, group)
  }

  func stopActing() {
    guard areIntercepted else { return }
    linux_set_real_ids(0, 0)
  }
}
