import ExecEngine

/// Why programs that the first one executes can't be followed, nor system calls heard.
enum FollowingObstacle: Hashable, CustomStringConvertible {
  /// The user chose engine load.
  case loading
  /// Programs can't be traced.
  case tracing(TaskError)
  /// A filter on system calls forbids this one.
  case sandbox(call: String)
  /// The kernel gives nobody a listener.
  case listening(TaskError)

  var description: String {
    switch self {
    case .loading: "engine load gives our page to one program alone"
    case .tracing(let error): "programs can't be traced here (\(error))"
    case .sandbox(let call): "a seccomp filter here forbids the system call \(call)"
    // EBUSY
    case .listening(let error) where error.errno == 16:
      "another process listens to this tree's system calls already (\(error))"
    case .listening(let error): "the kernel gives no listener to system calls here (\(error))"
    }
  }
}

/// An option takes what can't be had: nothing is started.
struct FollowingError: Error, CustomStringConvertible {
  /// The option, as people give it.
  var option: String
  var obstacle: FollowingObstacle

  var description: String {
    let advice: String =
      switch obstacle {
      case .loading: "give --engine exec, or leave \(option) out"
      case .tracing, .sandbox, .listening: "start demo-loader where that is allowed, or leave \(option) out"
      }
    let loss =
      option == "--follow"
      ? "programs that this one executes can't be followed" : "nobody could answer the program's system calls"
    return "\(option): \(loss): \(obstacle); \(advice)"
  }
}
