// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import CLinux
import Glibc

/// Replaces itself by a program, by execve or by the loader, after making this process as unlike a fresh one as it can
/// be. Tests compare what the program finds after the one with what it finds after the other.
///
/// `load-runner inherit|exec|load|threads PROGRAM [ARGUMENT…]`; with `inherit` only what execve keeps is set, then it is called; with
/// `threads` it is the loader's to refuse that this process has two.
@main
struct Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst(2))
    guard let program = arguments.first, ["inherit", "exec", "load", "threads"].contains(CommandLine.arguments[1])
    else { exit(2) }
    if CommandLine.arguments[1] == "threads" {
      var thread = pthread_t()
      // Not the main actor's: it runs in the other thread.
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
      try ProgramLoader.start(ProgramInvocation(program: program, arguments: arguments), vdso: .kernel)
    } catch {
      let message = Array("load-runner: \(error)\n".utf8)
      _ = unsafe write(STDERR_FILENO, message, message.count)
      exit(error.exitStatus)
    }
  }
}
