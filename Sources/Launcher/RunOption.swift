// SPDX-License-Identifier: Apache-2.0

/// An option of `demo-loader run`, named as it is after its dashes. Both parsers use this list.
public enum RunOption: String, CaseIterable, Sendable {
  case clockSource = "clock-source"
  case vdso
  case aslr
  case showAuxv = "show-auxv"
  case engine
  case follow
  case time
  case clock
  case strict
  case hostSettime = "host-settime"
  case deterministic
  case fileTimes = "file-times"
  case control
  case verbose

  /// How an option is given.
  public enum Form: Hashable, Sendable {
    /// By its name alone.
    case flag
    /// By its name, or by its name after `no-`.
    case invertible
    /// With a value after it, which may start with a dash only if `takesDash` is true.
    case value(takesDash: Bool)
  }

  public var form: Form {
    switch self {
    case .showAuxv, .hostSettime, .deterministic, .fileTimes, .verbose: .flag
    case .aslr, .follow, .strict: .invertible
    case .time: .value(takesDash: true)
    case .clockSource, .vdso, .engine, .clock, .control: .value(takesDash: false)
    }
  }

  /// Its short name, one letter after one dash, if it has one.
  public var letter: Character? { self == .verbose ? "v" : nil }

  /// The option that an argument names, and whether it is inverted; nil for anything else.
  init?(argument: String, isInverted: inout Bool) {
    isInverted = false
    if argument == "-v" {
      self = .verbose
      return
    }
    guard argument.hasPrefix("--") else { return nil }
    let name = String(argument.dropFirst(2))
    if let option = RunOption(rawValue: name) {
      self = option
      return
    }
    guard name.hasPrefix("no-"), let option = RunOption(rawValue: String(name.dropFirst(3))), option.form == .invertible
    else {
      return nil
    }
    self = option
    isInverted = true
  }
}
