// SPDX-License-Identifier: Apache-2.0

import Launcher

/// A feature of demo-loader that kernel, container and user must allow, and whether it works here.
struct SessionTrial: Encodable {
  var feature: String
  var works: Bool
  /// demo-loader's message if it doesn't work: why, and what would change that.
  var reason: String?
}

/// Starts this program in every way that may be forbidden.
enum SessionTrials {
  /// The feature of each trial, and its options; `LOADER` stands for another start by demo-loader.
  private static let trials: [(feature: String, options: [String])] = [
    ("start by execve (--engine exec)", ["--engine", "exec"]),
    ("start by a loader in the process (--engine load)", ["--engine", "load", "--no-follow"]),
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
    guard let sleeper = ChildProgram(["sleep", "60"]) else { return starts }
    let attached = trial(of: "give a running program our page (attach)", [loader, "attach", "\(sleeper.process)"])
    sleeper.end()
    return starts + [attached]
  }

  private static func trial(of feature: String, _ command: [String]) -> SessionTrial {
    guard let result = ChildProgram.outputAndErrors(of: command) else {
      return SessionTrial(feature: feature, works: false, reason: "cannot start \(command[0])")
    }
    // A warning doesn't stop the start, but says that something is missing.
    let line = result.text.split(separator: "\n").first { $0.hasPrefix("demo-loader: ") }
    let reason = line.map { String($0.dropFirst("demo-loader: ".count)) }
    let works = result.hasSucceeded && reason == nil
    return SessionTrial(feature: feature, works: works, reason: works ? nil : reason ?? "it ended without a word")
  }

  /// The trials as text.
  static func text(_ trials: [SessionTrial], _ style: TextStyle) -> String {
    trials.map { trial in
      let answer = trial.works ? style.green("yes") : style.red("no ")
      return "\(answer)  \(trial.feature)" + (trial.reason.map { "\n      \($0)" } ?? "")
    }.joined(separator: "\n")
  }
}
