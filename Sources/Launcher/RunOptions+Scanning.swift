// SPDX-License-Identifier: Apache-2.0

import TimePages
import VirtualTime

extension RunOptions {
  /// Reads the arguments of a command whose options are all known and well-formed. Returns nil for anything else: the argument parser then
  /// understands or refuses it.
  ///
  /// Options end at the first argument without a dash or after `--`. Names of subcommands aren't programs, except after `run`.
  public init?(scanning arguments: [[UInt8]]) {
    var scanned = Scanned()
    var rest = arguments[...]
    let isRun = rest.first?.text == Subcommand.run.rawValue
    if isRun { rest.removeFirst() }
    while let argument = rest.popFirst() {
      var isInverted = false
      let parts = argument.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      if let name = parts.first, let option = RunOption(argument: Array(name).text, isInverted: &isInverted) {
        let attached = parts.count == 2 ? Array(parts[1]) : nil
        guard scanned.take(option, isInverted, attached, &rest) else { return nil }
        continue
      }
      let isProgram =
        !argument.isEmpty && argument.first != UInt8(ascii: "-")
        && (isRun || Subcommand(rawValue: argument.text) == nil)
      guard let program = argument.text == "--" ? rest.popFirst() : isProgram ? argument : nil,
        let options = scanned.complete
      else { return nil }
      self = options
      self.program = program
      self.arguments = Array(rest)
      return
    }
    return nil
  }
}

/// Options as far as they have been read.
private struct Scanned {
  private var options = RunOptions(program: [])
  private var specification: TimeSpecification?
  private var scope: VirtualClock.Scope?
  private var isDeterministic = false

  /// Takes an option and its value, which is `attached` by an equals sign or first in `rest`. Returns whether the option is well-formed.
  mutating func take(
    _ option: RunOption, _ isInverted: Bool, _ attached: [UInt8]?, _ rest: inout ArraySlice<[UInt8]>
  ) -> Bool {
    var value: [UInt8] = []
    if case .value(let takesDash) = option.form {
      if let attached {
        guard !attached.isEmpty else { return false }
        value = attached
      } else {
        guard let next = rest.popFirst(), takesDash || next.first != UInt8(ascii: "-") else { return false }
        value = next
      }
    } else if attached != nil {
      return false
    }
    switch option {
    case .verbose: options.verbose = true
    case .follow: options.follow = !isInverted
    case .aslr: options.randomizesAddresses = !isInverted
    case .strict: options.strict = !isInverted
    case .hostSettime: options.setsHostClock = true
    case .deterministic: isDeterministic = true
    case .fileTimes: options.movesFileTimes = true
    case .control: options.control = value
    case .vdso:
      guard !value.isEmpty else { return false }
      options.vdso = VDSOChoice(value)
    case .engine:
      guard let engine = Engine(rawValue: value.text) else { return false }
      options.engine = engine
    case .clockSource:
      guard let source = ClockSource(rawValue: value.text) else { return false }
      options.clockSource = source
    case .time:
      guard let time = try? TimeSpecification(value.text) else { return false }
      specification = time
    case .clock:
      guard let clock = VirtualClock.Scope(name: value.text) else { return false }
      scope = clock
    // The launcher has no table of auxiliary vector names, so the other executable handles this option.
    case .showAuxv: return false
    }
    return true
  }

  /// The options with their time; nil if they exclude each other.
  var complete: RunOptions? {
    var options = options
    do throws(ConflictError) {
      try options.setTime(specification, scope: scope, isDeterministic: isDeterministic)
    } catch {
      return nil
    }
    return options
  }
}
