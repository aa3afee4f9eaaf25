// SPDX-License-Identifier: Apache-2.0

import Launcher

/// A feature of demo-loader that kernel, container and user must allow, and whether it works here.
struct SessionTrial: Encodable {
  var feature: String
  var works: Bool
  /// demo-loader's message: why it doesn't work, and what would change that; or what it takes from the program.
  var reason: String?
}

/// Starts this program in every way that may be forbidden.
enum SessionTrials {
  /// The feature of each trial, and its options; `LOADER` stands for another start by demo-loader.
  private static let trials: [(feature: String, options: [String])] = [
    ("start by execve (--engine exec)", ["--engine", "exec"]),
    ("start by a loader in the process (--engine load)", ["--engine", "load", "--no-follow"]),
    ("let clocks go by the processor's counter (--clock-source tsc)", ["--clock-source", "tsc"]),
    ("give the page to programs that the first one executes (--follow)", ["--follow"]),
    ("apply --time to system calls that bypass the page (--strict)", ["--time", "+1d", "--strict"]),
    ("give every run the same clocks and random numbers (--deterministic)", ["--deterministic"]),
    ("run a session in a session", ["--time", "+1d", "--follow", "LOADER", "--time", "+2d", "--follow"]),
  ]

  /// Makes all trials. Empty if demo-loader isn't installed together with this program.
  static func run() -> [SessionTrial] {
    guard let directory = FileNames.ownDirectory,
      let loader = ["demo-loader", "../bin/demo-loader"].map({ "\(directory)/\($0)" }).first(
        where: FileNames.isExecutable)
    else { return [] }
    let starts = trials.map { feature, options in
      let program = ["\(directory)/demo-loader-cli", "--version"]
      return trial(of: feature, [loader] + options.map { $0 == "LOADER" ? loader : $0 } + program)
    }
    let attachments = [
      ("give a running program our page (attach)", ["--no-follow"]),
      ("and the programs that it executes from then on (attach --follow)", ["--follow"]),
    ].compactMap { feature, options -> SessionTrial? in
      guard let sleeper = ChildProgram(["sleep", "60"]) else { return nil }
      let attached = trial(
        of: feature, [loader, "attach"] + options + ["\(sleeper.process)"], isWholeWithMessage: true)
      sleeper.end()
      return attached
    }
    return starts + attachments
  }

  /// A start that succeeds with a message has gone on without something.
  private static func trial(
    of feature: String, _ command: [String], isWholeWithMessage: Bool = false
  ) -> SessionTrial {
    guard let result = ChildProgram.outputAndErrors(of: command) else {
      return SessionTrial(feature: feature, works: false, reason: "cannot start \(command[0])")
    }
    let line = result.text.split(separator: "\n").first { $0.hasPrefix("demo-loader: ") }
    let reason = line.map { String($0.dropFirst("demo-loader: ".count)) }
    let works = result.hasSucceeded && (reason == nil || isWholeWithMessage)
    return SessionTrial(feature: feature, works: works, reason: works ? reason : reason ?? "it ended without a word")
  }

  /// The trials as text.
  static func text(_ trials: [SessionTrial], _ style: TextStyle) -> String {
    trials.map { trial in
      let answer = trial.works ? style.green("yes") : style.red("no ")
      return "\(answer)  \(trial.feature)" + (trial.reason.map { "\n      \($0)" } ?? "")
    }.joined(separator: "\n")
  }
}
