public import ArgumentParser
public import Launcher
public import SimulatedKernel

/// `demo-loader run`: what `demo-loader PROG` is short for.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program on our page (default).",
    discussion: """
      The program replaces demo-loader: same process, its own arguments, environment, files and exit status. Where it
      can't be started, the exit status is that of a shell: 127 where it isn't found, 126 where it can't be executed.
      """)

  @Option(
    help: """
      Where the page's time comes from: host (the kernel's own function), tsc (the cycle counter), tick (as of the last \
      10 ms), fixed (the date stands still).
      """)
  var clockSource = ClockSource.host

  @Option(
    help: """
      How the program is started: exec (by the kernel, the page placed from outside), load (by a loader in this \
      process), auto (exec where programs can be traced, else load).
      """)
  var engine = Engine.auto

  @Flag(
    inversion: .prefixedNo,
    help: """
      Give our page to the programs that it executes too, with engine exec. Without CAP_SYS_ADMIN set-user-id programs \
      among them gain no rights.
      """)
  var follow = true

  @Flag(name: .shortAndLong, help: "Say on standard error which page is used and how the calls resolve.")
  var verbose = false

  @Argument(help: "The program: a path, or a name that is looked up in PATH.")
  var program: String

  @Argument(parsing: .captureForPassthrough, help: "The program's own arguments.")
  var arguments: [String] = []

  func run() {
    var options = RunOptions(program: program, arguments: arguments)
    options.clockSource = clockSource
    options.engine = engine
    options.follow = follow
    options.verbose = verbose
    Launcher.run(options)
  }
}

extension ClockSource: ExpressibleByArgument {}
extension Engine: ExpressibleByArgument {}
