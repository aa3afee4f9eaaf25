/// A filter on system calls forbids a call that an option takes: nothing is started.
struct SandboxError: Error, CustomStringConvertible {
  var call: String
  /// The option, as people give it.
  var option: String

  var description: String {
    "\(option) takes the system call \(call), which a seccomp filter here forbids: leave it out, or change the sandbox"
  }
}
