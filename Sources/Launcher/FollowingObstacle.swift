// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import ProcessSupport

/// Why programs that the first one executes can't be followed and system calls can't be intercepted.
enum FollowingObstacle: Hashable, CustomStringConvertible {
  /// The user chose engine load.
  case loading
  /// Programs can't be traced.
  case tracing(SystemError)
  /// A filter on system calls forbids this one.
  case sandbox(call: String)
  /// Children of this process belong to another PID namespace, in which it isn't visible.
  case namespace
  /// The kernel refuses a listener.
  case listening(SystemError)

  var description: String {
    switch self {
    case .loading: "engine load gives our page only to the first program"
    case .tracing(let error): "programs can't be traced here (\(error))"
    case .namespace: "its children belong to another PID namespace than it does (unshare --pid needs --fork)"
    case .sandbox(let call): "a seccomp filter here forbids the system call \(call)"
    case .listening(let error) where error.errno == .resourceBusy:
      "another process already intercepts the system calls of this tree (\(error))"
    case .listening(let error): "the kernel refuses a listener for system calls here (\(error))"
    }
  }
}

/// An option needs what isn't possible: nothing is started.
struct FollowingError: Error, CustomStringConvertible {
  /// The option, as users write it.
  var option: String
  var obstacle: FollowingObstacle

  var description: String {
    let advice: String =
      switch obstacle {
      case .loading: "pass --engine exec, or omit \(option)"
      case .namespace: "pass --fork to unshare, or omit \(option)"
      case .tracing, .sandbox, .listening: "start demo-loader where this is allowed, or omit \(option)"
      }
    let loss =
      switch option {
      case "--follow": "programs that this one executes can't be followed"
      case "--engine": "the program can't be given our page"
      case "--control": "the program's time can't be changed"
      default: "the program's system calls can't be intercepted"
      }
    return "\(option): \(loss): \(obstacle); \(advice)"
  }
}
