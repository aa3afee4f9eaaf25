// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// The treatment of an execve in a session by a task that this process may not trace.
///
/// A filter of the task's may notify a tracer of execve (SECCOMP_RET_TRACE). The session's own filter takes precedence, and a call that the
/// supervisor lets continue passes no filter again, so such a tracer doesn't see it.
enum TracedExecution: Hashable {
  /// The program keeps the kernel's page.
  case proceeds(String)
  /// The program keeps the kernel's page, and the tracer may have missed the execve.
  case proceedsUnseen(String)
  /// The execve fails, because the tracer may be there to forbid it.
  case refused(String)

  /// `task` is nil if its status is unknown; `count` is the number of filters of the session's tasks.
  init(_ task: TaskStatus?, tracer: TaskStatus?, sessionsFilters count: Int?, _ error: SystemError) {
    guard let task, task.tracer != 0 else {
      self = .proceeds("\(error)")
      return
    }
    let name = tracer.map { " (\($0.name))" } ?? ""
    let reason = "process \(task.tracer)\(name) traces it"
    if !task.hasFilters(beyond: count) {
      self = .proceeds(reason)
    } else if tracer?.outranks(task) ?? true {
      self = .refused(
        "\(reason) and might have forbidden it, but the session's filter takes precedence; pass --no-follow to start without that filter"
      )
    } else {
      self = .proceedsUnseen(
        "\(reason) and may not have seen this execve, because the session's filter takes precedence; pass --no-follow to start without that filter"
      )
    }
  }
}
