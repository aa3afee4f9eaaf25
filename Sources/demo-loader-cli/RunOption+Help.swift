// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Launcher

extension RunOption {
  /// An option's help: the name of its value (nil for a flag), one line for the list of all options, and further explanation.
  struct Help {
    var value: String?
    var summary: String
    var discussion = ""
  }

  /// The table of the options' help. Names and forms are in RunOption.swift, conflicts in RunOptions+Conflicts.swift.
  var help: Help {
    switch self {
    case .clockSource:
      Help(
        value: "source",
        summary: "Where the page gets the time: host, tsc, tick, fixed or auto.",
        discussion: """
          host is the kernel's function, tsc the cycle counter, tick the last tick of 10 ms, and with fixed the date stands still. \
          With auto it is the cycle counter if it is stable, else host.
          """)
    case .vdso:
      Help(
        value: "ours|kernel|none|file",
        summary: "Which vDSO the program gets: ours, kernel, none, or the image in a file.",
        discussion: """
          kernel is the kernel's own vDSO; with none the program must make system calls. A file must be a shared object with one \
          segment, read and execute; our time and identity pages are mapped below it.
          """)
    case .aslr:
      Help(
        summary: "Use random addresses, or the same addresses in every run.",
        discussion: """
          --aslr puts the program, its stack and our pages at random addresses; --no-aslr puts them at the same addresses in every \
          run, as setarch -R does. By default the setting of demo-loader's own process applies.
          """)
    case .showAuxv:
      Help(
        summary: "Print the auxiliary vector that the program will find to standard error.",
        discussion: "The format is that of the auxv command.")
    case .engine:
      Help(
        value: "engine",
        summary: "How the program is started: exec, load or auto.",
        discussion: """
          With exec the kernel executes the program, and a supervisor injects the page. With load, a loader in this process maps \
          the program. With auto it is exec if programs can be traced, else load.
          """)
    case .follow:
      Help(
        summary: "Give the same page to programs that the program executes, or don't.",
        discussion: """
          By default those programs are followed, if possible, where they would otherwise see something else: with --time, --control, \
          --deterministic, a clock source other than host, no vDSO, or one from a file. With --follow nothing starts if following is \
          impossible. Without CAP_SYS_ADMIN, following sets no_new_privs, so sudo and other set-user-ID programs gain no privileges.
          """)
    case .time:
      Help(
        value: "spec",
        summary: "Show the program another time, as in +3d, \"2038-01-19 03:14:00\" or x10.",
        discussion: """
          An offset (+3d, -2h30m; y is 365 days), a start date (@2038-01-19T03:14:00Z, a local date such as \
          "2038-01-19 03:14:00", or words of date(1) such as "next friday"), a date that stands still (=2000-02-29T12:00:00Z), a \
          rate (x10), a step at each reading (step 1s), or a start with a rate or step.
          """)
    case .clock:
      Help(
        value: "clocks",
        summary: "Which clocks --time changes: REALTIME or all.",
        discussion: """
          REALTIME stands for the clocks that have a date. The default is all for a rate, because a rate changes how long \
          everything takes, and REALTIME otherwise.
          """)
    case .strict:
      Help(
        summary: "Apply --time to system calls that bypass the page, or don't.",
        discussion: """
          The calls are clock readings, absolute deadlines, and with --clock all also sleeps and timeouts. By default this is done if \
          programs can be followed. With --strict nothing starts if it is impossible, and programs that the program executes are \
          followed. Each such call takes about 20 microseconds more.
          """)
    case .hostSettime:
      Help(
        summary: "Let programs that set the clock set the machine's clock.",
        discussion: "By default such programs set the time of their session, if programs can be followed.")
    case .deterministic:
      Help(
        summary: "Give every run the same clocks, addresses and random numbers.",
        discussion: """
          This implies --clock all, --strict, --no-aslr, and --time "@2000-01-01T00:00:00Z step 1ms" unless --time has another date \
          that stands or steps. What getrandom and AT_RANDOM give comes from a public stream: don't make keys from them.
          """)
    case .fileTimes:
      Help(
        summary: "Move the times of files with the date.",
        discussion:
          "make, tar and rsync compare the times of files with the date. They move by the same offset, so the option needs an offset or a start date."
      )
    case .control:
      Help(
        value: "file",
        summary: "Create a socket through which \"demo-loader time\" changes the time.",
        discussion: "\"demo-loader time FILE SPEC\" changes the time while the program runs.")
    case .verbose:
      Help(
        summary: "Print to standard error which page is used, and where calls go.")
    }
  }

  /// The option as a line of usage shows it.
  fileprivate var label: String {
    let short = letter.map { "-\($0), " } ?? ""
    let inverted = form == .invertible ? "/--no-\(rawValue)" : ""
    return "\(short)--\(rawValue)\(inverted)" + (help.value.map { " <\($0)>" } ?? "")
  }

  /// The list of the options for the help of the whole command.
  static var list: String {
    let indent = 26
    let lines = allCases.map { option in
      let label = "  \(option.label)"
      let gap = label.count < indent - 1 ? "" : "\n"
      let filled = String(repeating: " ", count: gap.isEmpty ? indent - label.count : indent)
      return label + gap + filled + wrapped(option.help.summary, indent: indent)
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
  /// The help of an option.
  static func of(_ option: RunOption) -> ArgumentHelp {
    ArgumentHelp("\(option.help.summary)", discussion: option.help.discussion, valueName: option.help.value)
  }
}

extension NameSpecification {
  /// The names by which both parsers know an option.
  static func option(_ option: RunOption) -> NameSpecification {
    option.letter == nil ? .customLong(option.rawValue) : [.customLong(option.rawValue), .customShort(option.letter!)]
  }
}
