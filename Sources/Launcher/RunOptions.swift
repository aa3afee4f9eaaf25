// SPDX-License-Identifier: Apache-2.0

import ExecEngine
public import TimePages
public import VirtualTime

/// The options, program and arguments of `demo-loader [options] PROG [ARG…]`.
public struct RunOptions: Hashable, Sendable {
  /// Where the page's time comes from.
  public var clockSource = ClockSource.host
  /// Which vDSO the program gets.
  public var vdso = VDSOChoice.ours
  /// Whether addresses are random; nil leaves that as it is for this process.
  public var randomizesAddresses: Bool?
  /// How the program is started.
  public var engine = Engine.auto
  /// Whether programs that it executes get our page too, where the engine can see to that; nil for where that takes no rights
  /// from them.
  public var follow: Bool?
  /// The time that the program is to see; nil for the host's.
  public var time: TimeRequest?
  /// Whether system calls that bypass the page see that time too; nil for where they can be intercepted.
  public var strict: Bool?
  /// Whether programs that set the clock set the machine's, and not the session's.
  public var setsHostClock = false
  /// Whether the times of files are seen, and set, by the program's time.
  public var movesFileTimes = false
  /// The clocks of which they see it: those of `time`, and those that a change may be for.
  public var answeredScope = VirtualClock.Scope.realtime
  /// Whether every run finds the same: see `makeDeterministic`.
  var isDeterministic = false
  /// The path of a socket through which the time can be changed.
  public var control: [UInt8]?
  /// Whether to say on standard error which page is used, and how the calls resolve.
  public var verbose = false
  /// A path where it holds a slash, else a name that is looked up in PATH. As arguments, bytes without a null, UTF-8 or not.
  public var program: [UInt8]
  /// What follows the program.
  public var arguments: [[UInt8]]

  /// Whether system calls of the program must be intercepted.
  var answersCalls: Bool { steps || strict == true }

  /// Whether calls that bypass the page are intercepted where that is possible.
  var correctsCalls: Bool { follow != false && strict != false && (time != nil || control != nil) }

  private var steps: Bool { if case .step? = time?.specification.flow { true } else { false } }

  /// Says which time the program is to see, and what may be changed about it while it runs.
  ///
  /// `scope` is the clocks that were asked for, if any: else those that are usually meant, and whatever a change may be for.
  public mutating func setTime(_ specification: TimeSpecification?, scope: VirtualClock.Scope?) {
    if let specification {
      time = scope.map { TimeRequest(specification, scope: $0) } ?? TimeRequest(usual: specification)
    } else if let scope {
      time = TimeRequest(TimeRequest.host.specification, scope: scope)
    }
    answeredScope = scope ?? (control == nil ? time?.scope ?? .realtime : .all)
  }

  /// Why these options can't go together; nil if they can.
  public var conflict: String? {
    if follow == false && (isDeterministic || answersCalls) {
      return
        "--strict, --deterministic and step clocks intercept system calls, which --no-follow turns off: omit --no-follow or those options"
    }
    if !vdso.hasTimePage && clockSource != .host {
      return "--clock-source needs our page: omit it, or omit --vdso"
    }
    if strict == false && isDeterministic {
      return "--deterministic intercepts system calls, which --no-strict turns off: omit --no-strict"
    }
    guard movesFileTimes else { return nil }
    if !correctsCalls {
      return "--file-times intercepts system calls, which --no-follow and --no-strict turn off: omit them"
    }
    if clockSource == .fixed || time.map({ $0.specification.flow != .running }) == true {
      return FileTimesError().description
    }
    return nil
  }

  public init(program: [UInt8], arguments: [[UInt8]] = []) {
    self.program = program
    self.arguments = arguments
  }

  /// Reads the arguments of a command whose options are all known and well-formed; nil for anything else, which is the
  /// argument parser's to understand or refuse.
  ///
  /// Options end at the first argument without a dash or after `--`. Names of subcommands aren't programs.
  public init?(scanning arguments: [[UInt8]], subcommands: [String]) {
    var options = RunOptions(program: [])
    var rest = arguments[...]
    var specification: TimeSpecification?
    var scope: VirtualClock.Scope?
    var isDeterministic = false
    while let argument = rest.popFirst() {
      switch argument.text {
      case "-v", "--verbose": options.verbose = true
      case "--follow": options.follow = true
      case "--no-follow": options.follow = false
      case "--aslr": options.randomizesAddresses = true
      case "--no-aslr": options.randomizesAddresses = false
      case "--vdso":
        guard let choice = rest.popFirst(), choice.first != UInt8(ascii: "-") else { return nil }
        options.vdso = VDSOChoice(choice)
      case "--engine":
        guard let engine = (rest.popFirst()?.text).flatMap(Engine.init(rawValue:)) else { return nil }
        options.engine = engine
      case "--clock-source":
        guard let source = (rest.popFirst()?.text).flatMap(ClockSource.init(rawValue:)) else { return nil }
        options.clockSource = source
      case "--time":
        guard let text = rest.popFirst()?.text, let time = try? TimeSpecification(text) else { return nil }
        specification = time
      case "--clock":
        guard let clock = (rest.popFirst()?.text).flatMap(VirtualClock.Scope.init(rawValue:)) else { return nil }
        scope = clock
      case "--strict": options.strict = true
      case "--no-strict": options.strict = false
      case "--host-settime": options.setsHostClock = true
      case "--file-times": options.movesFileTimes = true
      case "--deterministic": isDeterministic = true
      case "--control":
        guard let path = rest.popFirst() else { return nil }
        options.control = path
      default:
        let isProgram = !argument.isEmpty && argument.first != UInt8(ascii: "-") && !subcommands.contains(argument.text)
        guard let program = argument.text == "--" ? rest.popFirst() : isProgram ? argument : nil else { return nil }
        let hasTime = specification != nil || options.control != nil || isDeterministic
        guard hasTime || (scope == nil && options.strict == nil && !options.setsHostClock && !options.movesFileTimes)
        else { return nil }
        guard !isDeterministic || scope != .realtime else { return nil }
        guard options.vdso.hasTimePage || !hasTime else { return nil }
        options.setTime(specification, scope: scope)
        if isDeterministic, (try? options.makeDeterministic()) == nil { return nil }
        guard options.conflict == nil else { return nil }
        // What can't be followed is for the argument parser to refuse, too. Where nothing is allowed it isn't followed anyway.
        if let specification, CallPermissions.current.areEnough, (try? VirtualClock(specification)) == nil {
          return nil
        }
        options.program = program
        options.arguments = Array(rest)
        self = options
        return
      }
    }
    return nil
  }
}

extension [UInt8] {
  /// As people read it: what isn't UTF-8 is repaired, and so like no word that is known.
  var text: String { String(decoding: self, as: UTF8.self) }
}
