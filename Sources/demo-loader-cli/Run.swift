// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Launcher
public import TimePages
public import VirtualTime

/// `demo-loader run PROG`, for which `demo-loader PROG` is short.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program on our page (default).",
    discussion: """
      The program replaces demo-loader in the same process. It gets the arguments after its name, the environment and the open \
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

  @Option(name: .option(.clockSource), help: .of(.clockSource))
  var clockSource = ClockSource.host

  @Option(name: .option(.vdso), help: .of(.vdso), completion: .file())
  var vdso: VDSOChoice = .ours

  @Flag(name: .option(.aslr), inversion: .prefixedNo, help: .of(.aslr))
  var aslr: Bool?

  @Flag(name: .option(.showAuxv), help: .of(.showAuxv))
  var showAuxv = false

  @Option(name: .option(.engine), help: .of(.engine))
  var engine = Engine.auto

  @Flag(name: .option(.follow), inversion: .prefixedNo, help: .of(.follow))
  var follow: Bool?

  // A negative offset starts with a dash, as options do.
  @Option(name: .option(.time), parsing: .unconditional, help: .of(.time))
  var time: String?

  @Option(name: .option(.clock), help: .of(.clock))
  var clock: VirtualClock.Scope?

  @Flag(name: .option(.strict), inversion: .prefixedNo, help: .of(.strict))
  var strict: Bool?

  @Flag(name: .option(.hostSettime), help: .of(.hostSettime))
  var hostSettime = false

  @Flag(name: .option(.deterministic), help: .of(.deterministic))
  var deterministic = false

  @Flag(name: .option(.fileTimes), help: .of(.fileTimes))
  var fileTimes = false

  @Option(name: .option(.control), help: .of(.control))
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

  /// The options as the launcher takes them.
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
  /// The specification in --time.
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
