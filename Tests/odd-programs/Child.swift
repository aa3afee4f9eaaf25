// SPDX-License-Identifier: Apache-2.0

// Executes a file in a process of its own.
//
// Assumes: this program has one thread; what the kernel is given lives through the call.

import CLinux
import Glibc

/// A way to execute a file.
struct Way {
  var name: String
  /// The words before the file's path.
  var words: [String]
}

enum Child {
  /// Runs it with limits on time and files, and with or without random addresses.
  static func run(_ way: Way, _ path: String, randomizesAddresses: Bool) -> Outcome {
    let output = unsafe linux_memory_file("output")
    let errors = unsafe linux_memory_file("errors")
    defer {
      close(output)
      close(errors)
    }
    let words = way.words + [path]
    let child = linux_fork()
    if child == 0 { execute(words, output, errors, randomizesAddresses, isTraced: way.words.isEmpty) }
    let ending = wait(for: child, isTraced: way.words.isEmpty)
    return Outcome(ending: ending, output: contents(output), errors: contents(errors))
  }

  private static let refused: Int32 = 99

  private static func execute(
    _ words: [String], _ output: Int32, _ errors: Int32, _ randomizesAddresses: Bool, isTraced: Bool
  ) -> Never {
    unsafe dup2(open("/dev/null", O_RDONLY), 0)
    dup2(output, 1)
    dup2(errors, 2)
    // A lost program may loop or wait, so its processor time is limited.
    var limit = rlimit(rlim_cur: 5, rlim_max: 6)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    limit = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    alarm(30)
    _ = linux_syscall(linux_call_personality, randomizesAddresses ? 0 : 0x4_0000, 0, 0, 0, 0, 0)
    if isTraced { _ = linux_syscall(Int(SYS_ptrace), 0 /* PTRACE_TRACEME */, 0, 0, 0, 0, 0) }
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var environment = unsafe [strdup("PATH=/bin:/usr/bin"), nil]
    if let path = unsafe arguments[0] { unsafe execve(path, &arguments, &environment) }
    _exit(refused)
  }

  /// A traced process stops when execve has succeeded. If it ends without that stop, execve has killed it.
  private static func wait(for child: Int32, isTraced: Bool) -> Outcome.Ending {
    var status: Int32 = 0
    var isExecuted = !isTraced
    while true {
      guard unsafe waitpid(child, &status, 0) == child || errno == EINTR else { return .refused }
      guard status & 0xff == 0x7f else { break }
      let signal = status >> 8 & 0xff
      isExecuted = isExecuted || signal == SIGTRAP
      // PTRACE_DETACH, with the signal by which execve kills the process.
      _ = linux_syscall(Int(SYS_ptrace), 17, Int(child), 0, signal == SIGTRAP ? 0 : Int(signal), 0, 0)
    }
    if isExecuted { return .ended(status) }
    return status == refused << 8 ? .refused : .killedByExecve
  }

  private static func contents(_ file: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
    let count = unsafe pread(file, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
  }
}
