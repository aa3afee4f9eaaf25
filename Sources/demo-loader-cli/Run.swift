public import ArgumentParser
public import Launcher
public import TimePages
public import VirtualTime

/// `demo-loader run`: what `demo-loader PROG` is short for.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program on our page (default).",
    discussion: """
      The program replaces demo-loader: same process, its own arguments, environment, files and exit status. Where it \
      can't be started, the exit status is 127 where it isn't found, 126 where it can't be executed, and 125 where demo-loader \
      itself fails, wrong options included.

      Examples:
        demo-loader date
        demo-loader --clock-source tsc --verbose ./prog its own arguments
        demo-loader --time "@2038-01-19 03:14:00" make test
        demo-loader --deterministic ./prog        the same output each time
        demo-loader --vdso none ./prog            without a vDSO
        demo-loader --vdso ./page.so ./prog       on an image of yours
        demo-loader --no-aslr --show-auxv ./prog  the same addresses each time
      """)

  @Option(
    help: """
      Where the page's time comes from: host (the kernel's own function), tsc (the cycle counter), tick (as of the last \
      10 ms), fixed (the date stands still).
      """)
  var clockSource = ClockSource.host

  @Option(
    help: ArgumentHelp(
      """
      Which vDSO the program gets: ours, kernel (what it has anyway), none (it must make system calls), or the image in a \
      file: a shared object of one segment, read and execute, with our time and identity pages mapped below it.
      """, valueName: "ours|kernel|none|file"),
    completion: .file())
  var vdso: VDSOChoice = .ours

  @Flag(
    inversion: .prefixedNo,
    help: """
      Put the program, its stack and our pages at random addresses, or at the same ones each time, as setarch -R does. Left as \
      it is for demo-loader itself without either.
      """)
  var aslr: Bool?

  @Flag(help: "Show on standard error the auxiliary vector that the program will find, as the auxv command does.")
  var showAuxv = false

  @Option(
    help: """
      How the program is started: exec (by the kernel, the page placed from outside), load (by a loader in this \
      process), auto (exec where programs can be traced, else load).
      """)
  var engine = Engine.auto

  @Flag(
    inversion: .prefixedNo,
    help: """
      Give our page to the programs that it executes too, with engine exec, or don't start. Done without being asked for, as far as \
      possible, where they would otherwise see something else: with --time, --control, --deterministic, another clock source \
      than host, no vDSO or one of a file. Without CAP_SYS_ADMIN set-user-id programs among them, sudo for one, gain no rights then.
      """)
  var follow: Bool?

  // A negative offset starts with a dash, as options do.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Let the program see another time: an offset (+3d, -2h30m), a start date (@2038-01-19T03:14:00Z, or local as in \
      "2038-01-19 03:14:00", or in date(1)'s words as in "next friday"), a date that stands still (=2000-02-29T12:00:00Z), a rate (x10), a step at each reading (step \
      1s), or a start and one of those.
      """, valueName: "spec"))
  var time: String?

  @Option(
    help: """
      Which clocks --time is for: REALTIME (those that tell a date), or all. The default is all for a rate, which changes how \
      long everything lasts, else REALTIME.
      """)
  var clock: VirtualClock.Scope?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Give --time to system calls that pass the page by as well, or start nothing: clocks read by them, absolute deadlines, and \
      with --clock all sleeps and timeouts. Without either it is done where programs can be followed. Such a call takes some 20 \
      microseconds more.
      """)
  var strict: Bool?

  @Flag(
    help: """
      Let programs that set the clock set the machine's. Without it they set that of their session, which is what they see, where \
      programs can be followed.
      """)
  var hostSettime = false

  @Flag(
    help: """
      Let every run find the same clocks, addresses and random numbers: --time "@2000-01-01T00:00:00Z step 1ms" unless another \
      date stands or steps, --clock all, --strict, --no-aslr, and getrandom and AT_RANDOM from a stream that is no secret.
      """)
  var deterministic = false

  @Option(
    help: ArgumentHelp(
      "Let the time be changed while the program runs, by \"demo-loader time FILE SPEC\": FILE is a socket, made for the run.",
      valueName: "file"))
  var control: ByteArgument?

  @Flag(name: .shortAndLong, help: "Say on standard error which page is used and how the calls resolve.")
  var verbose = false

  @Argument(help: "The program: a path, or a name that is looked up in PATH.")
  var program: ByteArgument

  @Argument(parsing: .captureForPassthrough, help: "The program's own arguments.")
  var arguments: [ByteArgument] = []

  func validate() throws {
    let hasTime = time != nil || control != nil || deterministic
    if clock != nil && !hasTime {
      throw ValidationError("--clock says which clocks --time is for: give --time too, as in --time x10 --clock all.")
    }
    if strict != nil && !hasTime {
      throw ValidationError("--strict is for --time: give --time too, as in --time x10 --strict.")
    }
    if hostSettime && !hasTime {
      throw ValidationError("--host-settime is for --time: give --time too, as in --time +3d --host-settime.")
    }
    if deterministic && clock == .realtime {
      throw ValidationError("--deterministic is for all clocks: leave --clock out, or give all.")
    }
    if hasTime && !vdso.hasTimePage {
      throw ValidationError("--time, --control and --deterministic take our page: leave --vdso out, or give ours.")
    }
  }

  func run() throws {
    var options = RunOptions(program: program.bytes, arguments: arguments.map(\.bytes))
    options.clockSource = clockSource
    options.vdso = vdso
    options.randomizesAddresses = aslr
    options.engine = engine
    options.follow = follow
    options.verbose = verbose
    options.control = control?.bytes
    options.strict = strict
    options.setsHostClock = hostSettime
    options.setTime(try specification(), scope: clock)
    if deterministic {
      do throws(DeterminismError) {
        try options.makeDeterministic()
      } catch {
        StandardError.print("demo-loader: \(error)")
        throw ExitCode.validationFailure
      }
    }
    if let conflict = options.conflict {
      StandardError.print("demo-loader: \(conflict)")
      throw ExitCode.validationFailure
    }
    Launcher.run(options, describe: showAuxv ? { AuxvReport($0.vector, in: $0, machine: $0.machine).lines } : nil)
  }
}

extension Run {
  /// What --time means.
  private func specification() throws -> TimeSpecification? {
    guard let time else { return nil }
    do {
      let specification = try DateWords.specification(time)
      if verbose && (try? TimeSpecification(time)) == nil {
        StandardError.print("demo-loader: --time: understood as \(specification.description)")
      }
      // What can't be followed is known before anything is started.
      return try VirtualClock(specification).request.specification
    } catch {
      StandardError.print("demo-loader: --time: \(error)")
      throw ExitCode.validationFailure
    }
  }
}

extension VDSOChoice: ExpressibleByArgument {
  public init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    self.init(ByteArgument(argument: argument).bytes)
  }

  public var defaultValueDescription: String { "ours" }
}

extension ClockSource: ExpressibleByArgument {}
extension Engine: ExpressibleByArgument {}
extension VirtualClock.Scope: ExpressibleByArgument {}
