// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Launcher

extension RunOption {
  /// What it does, in the words that a list of all options has.
  var summary: String {
    switch self {
    case .clockSource: "Where the page gets the time: host, tsc, tick, fixed or auto."
    case .vdso: "Which vDSO the program gets: ours, kernel, none, or the image in a file."
    case .aslr: "Use random addresses, or the same addresses in every run."
    case .showAuxv: "Print the auxiliary vector that the program will find to standard error."
    case .engine: "How the program is started: exec, load or auto."
    case .follow: "Give the same page to programs that the program executes, or don't."
    case .time: "Show the program another time, as in +3d, \"2038-01-19 03:14:00\" or x10."
    case .clock: "Which clocks --time changes: REALTIME or all."
    case .strict: "Apply --time to system calls that bypass the page, or don't."
    case .hostSettime: "Let programs that set the clock set the machine's clock."
    case .deterministic: "Give every run the same clocks, addresses and random numbers."
    case .fileTimes: "Show the times of files by --time, and set them by it."
    case .control: "Create a socket through which \"demo-loader time\" changes the time."
    case .verbose: "Print to standard error which page is used, and where calls go."
    }
  }

  /// What its value is called; nil for a flag.
  var valueName: String? {
    switch self {
    case .clockSource: "source"
    case .vdso: "ours|kernel|none|file"
    case .engine: "engine"
    case .time: "spec"
    case .clock: "clocks"
    case .control: "file"
    case .aslr, .showAuxv, .follow, .strict, .hostSettime, .deterministic, .fileTimes, .verbose: nil
    }
  }

  /// As a line of usage has it.
  fileprivate var label: String {
    let short = letter.map { "-\($0), " } ?? ""
    let inverted = form == .invertible ? "/--no-\(rawValue)" : ""
    return "\(short)--\(rawValue)\(inverted)" + (valueName.map { " <\($0)>" } ?? "")
  }

  /// The options of run for the help of the command as a whole.
  static var list: String {
    let indent = 26
    let lines = allCases.map { option in
      let label = "  \(option.label)"
      let gap = label.count < indent - 1 ? "" : "\n"
      let filled = String(repeating: " ", count: gap.isEmpty ? indent - label.count : indent)
      return label + gap + filled + wrapped(option.summary, indent: indent)
    }
    return "OPTIONS OF RUN (demo-loader run --help explains them):\n" + lines.joined(separator: "\n")
  }

  private static func wrapped(_ text: String, indent: Int) -> String {
    var lines = [""]
    for word in text.split(separator: " ") {
      if lines.last!.count + word.count + 1 > 80 - indent { lines.append("") }
      lines[lines.count - 1] += (lines.last!.isEmpty ? "" : " ") + word
    }
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}

extension ArgumentHelp {
  /// An option's summary, and below it what there is more to say.
  static func of(_ option: RunOption, _ discussion: String = "") -> ArgumentHelp {
    ArgumentHelp(
      "\(option.summary)", discussion: discussion, valueName: option.valueName)
  }
}

extension NameSpecification {
  /// The name that the launcher knows an option by.
  static func option(_ option: RunOption) -> NameSpecification {
    option.letter == nil ? .customLong(option.rawValue) : [.customLong(option.rawValue), .customShort(option.letter!)]
  }
}
