// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Launcher
import Testing

@testable import demo_loader_cli

/// A generator of numbers that a seed determines (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

@Suite("Options of run")
struct RunOptionsTests {
  /// Values that some options accept and others refuse.
  private static let values = [
    "host", "tsc", "tick", "fixed", "auto", "ours", "kernel", "none", "./page.so", "exec", "load", "+3d", "-2h30m",
    "x10", "step 1s", "=2000-02-29T12:00:00Z", "@2038-01-19T03:14:00Z", "@2038-01-19T03:14:00Z step 1s", "REALTIME",
    "all", "realtime", "", "-", "/run/control", "nonsense",
  ]

  private static let words =
    RunOption.allCases.flatMap { ["--\($0.rawValue)", "--no-\($0.rawValue)"] } + Subcommand.allCases.map(\.rawValue)
    + ["-v", "--", "true", "./program", "-x", "--unknown", "an argument"]

  /// A command line of options, most of them well-formed, and a program.
  private static func arguments(_ generator: inout SeededGenerator) -> [String] {
    var result = Int.random(in: 0..<4, using: &generator) == 0 ? ["run"] : []
    for _ in 0..<Int.random(in: 0...5, using: &generator) {
      if Int.random(in: 0..<8, using: &generator) == 0 {
        result.append(words.randomElement(using: &generator)!)
        continue
      }
      let option = RunOption.allCases.randomElement(using: &generator)!
      let isInverted = option.form == .invertible && Bool.random(using: &generator)
      let name = (isInverted ? "--no-" : "--") + option.rawValue
      let value = values.randomElement(using: &generator)!
      let hasValue = if case .value = option.form { true } else { Int.random(in: 0..<16, using: &generator) == 0 }
      let isAttached = hasValue && Bool.random(using: &generator)
      result += isAttached ? ["\(name)=\(value)"] : hasValue ? [name, value] : [name]
    }
    if Int.random(in: 0..<8, using: &generator) > 0 { result.append("true") }
    if Bool.random(using: &generator) { result.append(words.randomElement(using: &generator)!) }
    return result
  }

  @Test("the launcher's parser and the complete one agree on 1000 random command lines")
  func parsersAgree() throws {
    let seed = UInt64.random(in: 0 ..< .max)
    var generator = SeededGenerator(state: seed)
    var scanned = 0
    for _ in 0..<1000 {
      let arguments = Self.arguments(&generator)
      guard let options = RunOptions(scanning: arguments.map { Array($0.utf8) }) else { continue }
      scanned += 1
      let run = try? DemoLoader.parseAsRoot(arguments) as? Run
      let others = try run?.options()
      #expect(others == options, "seed \(seed): \(arguments)")
    }
    // The launcher must have parsed enough lines itself, or nothing was compared.
    #expect(scanned > 100, "seed \(seed)")
  }

  @Test(
    "the launcher itself parses every spelling of a start",
    arguments: [
      ["--time", "+1d"], ["--time=+1d"], ["--time=-1d"], ["run"], ["run", "--time=+1d"], ["run", "--time", "+1d"],
      ["--clock-source=tsc"],
      ["-v"], ["run", "-v", "--engine=load"], ["--vdso=./page.so"], ["--no-follow"], ["run", "--"],
      ["--control=./socket"],
    ])
  func ownPath(options: [String]) {
    for program in ["true", "./a program", options.first == "run" || options.last == "--" ? "ps" : "pst"] {
      let scanned = RunOptions(scanning: (options + [program, "-x", "--time=y"]).map { Array($0.utf8) })
      #expect(scanned?.program == Array(program.utf8))
      #expect(scanned?.arguments == ["-x", "--time=y"].map { Array($0.utf8) })
    }
  }

  @Test("the complete parser accepts every option under the launcher's name for it")
  func names() throws {
    let help = Run.helpMessage(columns: 200)
    for option in RunOption.allCases {
      #expect(help.contains("--\(option.rawValue)"), "\(option)")
      if option.form == .invertible { #expect(help.contains("--no-\(option.rawValue)"), "\(option)") }
    }
  }
}
