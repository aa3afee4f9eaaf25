// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import CLinux
import Glibc

/// Replaces itself by a program, through execve or the loader, after it has changed as much of this process's state as possible. Tests
/// compare the states that the program finds.
///
/// `load-runner inherit|exec|load|threads PROGRAM [ARGUMENT…]`. With `inherit`, only attributes that execve keeps are set, and then execve
/// is called. With `threads`, this process has two threads, which the loader must refuse.
@main
struct Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst(2))
    guard let program = arguments.first, ["inherit", "exec", "load", "threads"].contains(CommandLine.arguments[1])
    else { exit(2) }
    if CommandLine.arguments[1] == "threads" {
      var thread = pthread_t()
      // This closure runs in the other thread, so it must not belong to the main actor.
      let wait: @convention(c) @Sendable (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
        while true { pause() }
      }
      unsafe pthread_create(&thread, nil, wait, nil)
      load(program, arguments)
    }
    unsafe setenv("START_STATE_PID", "\(getpid())", 1)
    Inheritance.make()
    if CommandLine.arguments[1] != "inherit" { Disorder.make() }
    if CommandLine.arguments[1] != "load" {
      unsafe execv(program, CommandLine.unsafeArgv + 2)
      exit(127)
    }
    load(program, arguments)
  }

  private static func load(_ program: String, _ arguments: [String]) -> Never {
    do {
      try ProgramLoader.start(OpenedProgram(ProgramInvocation(program: program, arguments: arguments)), vdso: .kernel)
    } catch {
      let message = Array("load-runner: \(error)\n".utf8)
      _ = unsafe write(STDERR_FILENO, message, message.count)
      exit(error.exitStatus)
    }
  }
}
