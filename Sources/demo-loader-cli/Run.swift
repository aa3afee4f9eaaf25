// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Launcher
public import TimePages
public import VirtualTime

/// `demo-loader run`: what `demo-loader PROG` is short for.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program on our page (default).",
    discussion: """
      The program replaces demo-loader in the same process. It gets the arguments after PROG, the environment and the open \
      files, and the exit status is the program's. If it can't be started, the exit status is 127 if the program isn't found, 126 if it can't \
      be executed, and 125 if demo-loader itself fails, for example because of a wrong option.

      Examples:
        demo-loader date
        demo-loader --clock-source tsc --verbose ./prog its own arguments
        demo-loader --time "@2038-01-19 03:14:00" make test
        demo-loader --deterministic ./prog        print the same in every run
        demo-loader --vdso none ./prog            run without a vDSO
        demo-loader --vdso ./page.so ./prog       run on your own image
        demo-loader --no-aslr --show-auxv ./prog  use the same addresses in every run
      """)

  @Option(
    name: .option(.clockSource),
    help: .of(
      .clockSource,
      """
      host is the kernel's function, tsc the cycle counter, tick the last tick of 10 ms, and with fixed the date stands still. \
      With auto it is the cycle counter if it is stable, else host.
      """))
  var clockSource = ClockSource.host

  @Option(
    name: .option(.vdso),
    help: .of(
      .vdso,
      """
      kernel is the kernel's own vDSO; with none the program must make system calls. A file must be a shared object with one \
      segment, read and execute; our time and identity pages are mapped below it.
      """),
    completion: .file())
  var vdso: VDSOChoice = .ours

  @Flag(
    name: .option(.aslr),
    inversion: .prefixedNo,
    help: .of(
      .aslr,
      """
      --aslr puts the program, its stack and our pages at random addresses; --no-aslr puts them at the same addresses in every \
      run, as setarch -R does. By default the setting of demo-loader's own process applies.
      """))
  var aslr: Bool?

  @Flag(
    name: .option(.showAuxv),
    help: .of(.showAuxv, "The format is that of the auxv command."))
  var showAuxv = false

  @Option(
    name: .option(.engine),
    help: .of(
      .engine,
      """
      With exec the kernel executes the program, and a supervisor injects the page. With load, a loader in this process maps \
      the program. With auto it is exec if programs can be traced, else load.
      """))
  var engine = Engine.auto

  @Flag(
    name: .option(.follow),
    inversion: .prefixedNo,
    help: .of(
      .follow,
      """
      By default they are followed, if possible, where they would otherwise see something else: with --time, --control, \
      --deterministic, a clock source other than host, no vDSO, or one from a file. With --follow nothing starts if following is \
      impossible. Without CAP_SYS_ADMIN, following sets no_new_privs, so sudo and other set-user-ID programs gain no privileges.
      """))
  var follow: Bool?

  // A negative offset starts with a dash, as options do.
  @Option(
    name: .option(.time),
    parsing: .unconditional,
    help: .of(
      .time,
      """
      An offset (+3d, -2h30m; y is 365 days), a start date (@2038-01-19T03:14:00Z, a local date such as \
      "2038-01-19 03:14:00", or words of date(1) such as "next friday"), a date that stands still (=2000-02-29T12:00:00Z), a \
      rate (x10), a step at each reading (step 1s), or a start with a rate or step.
      """))
  var time: String?

  @Option(
    name: .option(.clock),
    help: .of(
      .clock,
      """
      REALTIME stands for the clocks that have a date. The default is all for a rate, because a rate changes how long \
      everything takes, and REALTIME otherwise.
      """))
  var clock: VirtualClock.Scope?

  @Flag(
    name: .option(.strict),
    inversion: .prefixedNo,
    help: .of(
      .strict,
      """
      These are clock readings, absolute deadlines, and with --clock all also sleeps and timeouts. By default this is done if \
      programs can be followed. With --strict nothing starts if it is impossible; it follows programs that the program executes \
      too. Such a call takes some 20 microseconds more.
      """))
  var strict: Bool?

  @Flag(
    name: .option(.hostSettime),
    help: .of(
      .hostSettime, "By default they set the time of their session, if programs can be followed."))
  var hostSettime = false

  @Flag(
    name: .option(.deterministic),
    help: .of(
      .deterministic,
      """
      This implies --clock all, --strict, --no-aslr, and --time "@2000-01-01T00:00:00Z step 1ms" unless --time has another date \
      that stands or steps. What getrandom and AT_RANDOM give comes from a public stream: don't make keys from them.
      """))
  var deterministic = false

  @Flag(
    name: .option(.fileTimes),
    help: .of(
      .fileTimes,
      """
      make, tar and rsync expect this when they compare these times with the date. This needs an offset or a start date.
      """))
  var fileTimes = false

  @Option(
    name: .option(.control),
    help: .of(.control, "\"demo-loader time FILE SPEC\" changes the time while the program runs."))
  var control: ByteArgument?

  @Flag(name: .option(.verbose), help: .of(.verbose))
  var verbose = false

  @Argument(help: "The program: a path, or a name to look up in PATH.")
  var program: ByteArgument

  @Argument(parsing: .captureForPassthrough, help: "The arguments of the program.")
  var arguments: [ByteArgument] = []

  func run() throws {
    Launcher.run(try options(), describe: showAuxv ? { AuxvReport($0.vector, in: $0, machine: $0.machine).lines } : nil)
  }

  /// What the launcher is asked to do.
  func options() throws -> RunOptions {
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
    options.movesFileTimes = fileTimes
    let specification = try Self.specification(time, isVerbose: verbose)
    do throws(ConflictError) {
      try options.setTime(specification, scope: clock, isDeterministic: deterministic)
    } catch {
      StandardError.print("demo-loader: \(error)")
      throw ExitCode.validationFailure
    }
    return options
  }
}

extension Run {
  /// What --time means.
  static func specification(_ time: String?, isVerbose verbose: Bool) throws -> TimeSpecification? {
    guard let time else { return nil }
    do {
      let specification = try DateWords.specification(time)
      if verbose && (try? TimeSpecification(time)) == nil {
        StandardError.print("demo-loader: --time: understood as \(specification.description)")
      }
      return specification
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
extension VirtualClock.Scope: ExpressibleByArgument {
  public init?(argument: String) { self.init(name: argument) }
}
