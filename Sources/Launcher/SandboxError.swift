// SPDX-License-Identifier: Apache-2.0

/// A filter on system calls forbids a call that an option takes: nothing is started.
struct SandboxError: Error, CustomStringConvertible {
  var call: String
  /// The option, as people give it.
  var option: String

  var description: String {
    "\(option) needs the system call \(call), which a seccomp filter here forbids: omit the option, or change the sandbox"
  }
}
