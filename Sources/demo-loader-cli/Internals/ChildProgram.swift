// SPDX-License-Identifier: Apache-2.0

// Runs a program and reads its output.
//
// Assumes: C strings, the list of file actions and the pipe's ends live through the calls that they are passed to. It starts no thread,
// because this process may start a program afterwards.

import Glibc
import ProcessSupport

/// A program that this command runs. Its standard output is read; its standard error is read too, or is discarded.
struct ChildProgram: ~Copyable {
  let process: pid_t
  private let output: Int32

  /// Starts a command, whose first word is a path or a name in PATH; nil if it can't be started. By default it gets this process's
  /// environment.
  init?(_ command: [String], environment: [String]? = nil, readsErrors: Bool = false) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    if readsErrors {
      unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
    var variables = unsafe (environment ?? []).map { unsafe strdup($0) } + [nil]
    defer {
      for index in unsafe arguments.indices { unsafe free(arguments[index]) }
      for index in unsafe variables.indices { unsafe free(variables[index]) }
    }
    var process: pid_t = 0
    let status = unsafe variables.withUnsafeMutableBufferPointer {
      unsafe posix_spawnp(
        &process, command[0], &actions, nil, &arguments, environment == nil ? environ : $0.baseAddress!)
    }
    guard status == 0 else {
      close(ends[0])
      return nil
    }
    self.process = process
    output = ends[0]
  }

  /// Waits for output and returns it; empty after the program has closed its output.
  func read() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      let memory = unsafe buffer
      count = max(0, retryingLibc { unsafe Glibc.read(output, memory.baseAddress, memory.count) })
    }
  }

  /// Waits for its end, and returns whether it succeeded.
  consuming func finish() -> Bool {
    close(output)
    var status: Int32 = -1
    _ = retryingLibc { Int(unsafe waitpid(process, &status, 0)) }
    return status == 0
  }

  /// Kills it, and waits for its end.
  consuming func end() {
    kill(process, SIGKILL)
    _ = finish()
  }

  /// The whole output of a command, if it succeeds.
  static func output(of command: [String]) -> String? {
    guard let program = ChildProgram(command) else { return nil }
    let text = program.text()
    return program.finish() ? text : nil
  }

  /// The whole output of a command, including errors, and whether it succeeded; nil if it can't be started.
  static func outputAndErrors(of command: [String]) -> (text: String, hasSucceeded: Bool)? {
    guard let program = ChildProgram(command, readsErrors: true) else { return nil }
    let text = program.text()
    return (text, program.finish())
  }

  private borrowing func text() -> String {
    var bytes: [UInt8] = []
    while case let more = read(), !more.isEmpty { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }
}
