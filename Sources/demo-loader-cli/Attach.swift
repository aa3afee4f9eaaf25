// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Launcher
import TimePages
import VirtualTime

/// `demo-loader attach`: our page for a program that runs already.
struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a running program our page, at any date.",
    discussion: """
      All threads of the process stop for a moment, while demo-loader makes the functions of the kernel's vDSO in its memory jump \
      to our page. Processes that the program forks have the page, too. Programs that it executes get the page, and system calls that \
      bypass the page get its time, if the process has CAP_SYS_ADMIN, or with --follow. "demo-loader time PID SPEC" changes the time \
      later, and "demo-loader detach PID" restores everything but a seccomp filter. You must be allowed to trace the process.

      Examples:
        demo-loader attach 4711 --time +3d
        demo-loader attach 4711 --time x10 --verbose
        demo-loader attach 4711 --clock-source tsc  read the cycle counter
        demo-loader attach 4711 --tree --time +3d
        demo-loader detach 4711
      """)

  @Argument(help: "The process id of the program.")
  var pid: Int32

  // A negative offset starts with a dash, as options do.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show the program another time, written as for \"demo-loader run\". Steps need intercepted system calls.",
      valueName: "spec"))
  var time: String?

  @Option(
    help: "Which clocks --time changes: REALTIME or all. The default is all for a rate, and REALTIME otherwise.")
  var clock: VirtualClock.Scope?

  @Option(help: "Where the page gets the time: host, tsc, tick, fixed or auto, as for \"demo-loader run\".")
  var clockSource = ClockSource.host

  @Option(
    help: ArgumentHelp(
      "Create the socket FILE, through which \"demo-loader time FILE SPEC\" changes the time too.", valueName: "file"))
  var control: ByteArgument?

  @Flag(help: "Attach to all descendants of the process as well, all at once or none.")
  var tree = false

  @Flag(
    help:
      "Attach to all processes of its PID namespace, such as a container, all at once or none, and to those that enter it later."
  )
  var namespace = false

  @Flag(
    inversion: .prefixedNo,
    help:
      "Give the page to programs that the process executes, and answer system calls that bypass it. Without CAP_SYS_ADMIN, --follow keeps the process from gaining rights by execve (no_new_privs), for good. Without either option, demo-loader follows if the process loses nothing."
  )
  var follow: Bool?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Answer system calls that bypass the page. With --strict, demo-loader doesn't attach if it can't intercept them."
  )
  var strict: Bool?

  @Flag(
    name: [.long, .customShort("v")],
    help: "Print to standard error which page is used, and how long the threads were stopped.")
  var verbose = false

  func run() throws {
    var options = AttachOptions(process: pid)
    options.clockSource = clockSource
    options.control = control?.bytes
    options.follow = follow
    options.includesTree = tree
    options.includesNamespace = namespace
    options.strict = strict
    if let specification = try Run.specification(time, isVerbose: verbose) {
      options.time = clock.map { TimeRequest(specification, scope: $0) } ?? TimeRequest(usual: specification)
    } else if clock != nil {
      StandardError.print(
        "demo-loader: --clock selects the clocks that --time changes: pass --time too, as in --time x10 --clock all.")
      throw ExitCode.validationFailure
    }
    let lines = try Failure.reported(subject: "attach") { try Launcher.attach(options, isVerbose: verbose) }
    for line in lines { StandardError.print(line) }
  }
}

/// `demo-loader detach`: returns an attached program to the kernel's functions.
struct Detach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Return an attached program to the kernel's vDSO.",
    discussion: """
      Every changed byte is restored, and our pages are unmapped. A seccomp filter by which a session follows programs stays, and a supervisor \
      answers with the host's time until no process has it. Processes that the program has forked meanwhile stay attached. \
      The session ends when no process has its page any more.

      Examples:
        demo-loader detach 4711
      """)

  @Argument(help: "The process id of the program.")
  var pid: Int32

  @Flag(help: "Detach all descendants of the process as well.")
  var tree = false

  @Flag(help: "Detach all processes of its PID namespace, and attach to no more of them.")
  var namespace = false

  @Flag(name: [.long, .customShort("v")], help: "Print to standard error how long the threads were stopped.")
  var verbose = false

  func run() throws {
    var options = AttachOptions(process: pid)
    options.includesTree = tree
    options.includesNamespace = namespace
    let lines = try Failure.reported(subject: "detach") {
      try Launcher.detach(options, isVerbose: verbose)
    }
    for line in lines { StandardError.print(line) }
  }
}
