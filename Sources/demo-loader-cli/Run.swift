public import ArgumentParser
public import Launcher
public import SimulatedKernel
public import VirtualTime

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
      among them gain no rights. A tree that is followed can't execute anything more once its helper is killed.
      """)
  var follow = false

  // A negative offset starts with a dash, as options do.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Let the program see another time: an offset (+3d, -2h30m), a start date (@2038-01-19T03:14:00Z, or local as in \
      "2038-01-19 03:14:00"), a date that stands still (=2000-02-29T12:00:00Z), a rate (x10), or a start and a rate.
      """, valueName: "spec"))
  var time: String?

  @Option(help: "Which clocks --time is for: REALTIME (those that tell a date), or all.")
  var clock: VirtualClock.Scope?

  @Flag(name: .shortAndLong, help: "Say on standard error which page is used and how the calls resolve.")
  var verbose = false

  @Argument(help: "The program: a path, or a name that is looked up in PATH.")
  var program: String

  @Argument(parsing: .captureForPassthrough, help: "The program's own arguments.")
  var arguments: [String] = []

  func validate() throws {
    if clock != nil && time == nil {
      throw ValidationError("--clock says which clocks --time is for: give --time too, as in --time x10 --clock all.")
    }
  }

  func run() throws {
    var options = RunOptions(program: program, arguments: arguments)
    options.clockSource = clockSource
    options.engine = engine
    options.follow = follow
    options.verbose = verbose
    options.maps = try maps()
    Launcher.run(options)
  }
}

extension Run {
  /// What --time and --clock mean for the clocks of the page.
  private func maps() throws -> [ClockID: ClockMap] {
    guard let time else { return [:] }
    do {
      return try VirtualClock(TimeSpecification(time), scope: clock ?? .realtime).maps
    } catch {
      StandardError.print("demo-loader: --time: \(error)")
      throw ExitCode.validationFailure
    }
  }
}

extension ClockSource: ExpressibleByArgument {}
extension Engine: ExpressibleByArgument {}
extension VirtualClock.Scope: ExpressibleByArgument {}
