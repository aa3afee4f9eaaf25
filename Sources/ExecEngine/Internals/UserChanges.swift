// SPDX-License-Identifier: Apache-2.0

// Tasks of other users.
//
// Assumes that it is the one thread of its process: ids are changed by single calls, for this thread. A directory's entry is valid
// until the next is read.

import CLinux
import Glibc

/// Tasks that change their user, where this process may trace those of its own user alone: as root without CAP_SYS_PTRACE, as
/// containers have it.
///
/// A task that has changed its user can't be attached to before it executes a program: so it is attached to at the call by which it
/// does so, and stays so. From then on this process acts for it with its user's ids as the real ones, which the kernel compares.
struct UserChanges {
  /// Whether there is need for that. The corresponding C constant is `CAP_SYS_PTRACE`.
  static var areIntercepted: Bool { geteuid() == 0 && !linux_may_trace_others() }

  /// setuid, setgid, and their kind.
  static let calls: [InterceptedCall] =
    ([105, 106, 113, 114, 117, 119].map { InterceptedCall(.x86_64, $0) }
    + [105, 106, 113, 114, 117, 119].map { InterceptedCall(.x86_64, SyscallABI.x32 + $0) }
    + [23, 46, 70, 71, 164, 170, 203, 204, 208, 210, 213, 214].map { InterceptedCall(.i386, $0) }
    + [143, 144, 145, 146, 147, 149].map { InterceptedCall(.aarch64, $0) }
    + [23, 46, 70, 71, 164, 170, 203, 204, 208, 210, 213, 214].map { InterceptedCall(.arm, $0) }
    + [143, 144, 145, 146, 147, 149].map { InterceptedCall(.riscv64, $0) }).ofThisMachine

  private let areIntercepted = Self.areIntercepted
  /// Threads that are traced since they have changed their user.
  private var kept: Set<Int32> = []

  func isKept(_ thread: Int32) -> Bool { kept.contains(thread) }

  /// A thread of a process is about to change its user, or a part of that; where it can't be traced, it is left. Once one has,
  /// none of them can be attached to any more.
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

  /// It is traced no more, or for another reason.
  mutating func forget(_ thread: Int32) {
    kept.remove(thread)
  }

  /// Lets a traced thread continue after a stop that means nothing.
  mutating func pass(_ thread: Int32, _ stop: StopStatus) {
    let task = TracedTask(id: thread)
    switch stop {
    case .ended: forget(thread)
    case .groupStop: try? task.stayStopped()
    case .signal(let number): try? task.resume(delivering: number)
    case .exec, .interrupted, .call: try? task.resume()
    }
  }

  /// Takes on a task's real user and group, until `stopActing`.
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
