// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Charts
import Launcher
import VirtualTime

/// `demo-loader time`: prints or changes the time that running programs see.
struct Time: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read or change the time that running programs see.",
    discussion: """
      A session is a program that demo-loader started with --time or --control, or attached to, and everything that this program \
      executes. All programs of a session see a change at their next reading. Monotonic clocks never go back.

      Examples:
        demo-loader time 4711                        print its session's time
        demo-loader time 4711 @2038-01-19T03:14:00Z  set its date
        demo-loader time ./clock x10                 run ten times as fast
        demo-loader time ./clock =                   stop at the present
        demo-loader time 4711 --plot time.svg        draw what its date was
      """)

  @Argument(help: "The process id of any process in the session, or the file that was passed to --control.")
  var session: ByteArgument

  // A negative offset starts with a dash, as options do.
  @Argument(parsing: .allUnrecognized, help: "The new time, written as for --time. Without it the time is printed.")
  var spec: [String] = []

  @Option(
    help:
      "Which clocks to change: REALTIME or all. The default is all for a rate, and otherwise the clocks that were changed before."
  )
  var clock: VirtualClock.Scope?

  @Option(
    help: ArgumentHelp(
      "Also draw the programs' date less the host's since the session began, as SVG; - writes only that to standard output.",
      valueName: "file"))
  var plot: ByteArgument?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard !session.bytes.isEmpty else {
      throw ValidationError("The session is empty: pass a process id, or the file that was passed to --control.")
    }
    if clock != nil && spec.isEmpty {
      throw ValidationError(
        "--clock selects the clocks that a new time is for: give one, as in time 4711 x10 --clock all.")
    }
  }

  func run() throws {
    let specification = try self.specification()
    let picture = try plot.map { try OutputFile($0) }
    let (state, record) = try Failure.reported(subject: session.text) {
      let session = try TimeSession(named: session.bytes)
      let state = try specification.map { try session.set($0, scope: clock) } ?? session.state()
      return (state, picture == nil ? nil : try session.record())
    }
    if let specification, clock == nil, specification.flow.isOtherRate, state.request.scope == .realtime {
      StandardError.print(
        "demo-loader: the rate applies only to dates, because this session intercepts only system calls for REALTIME; start the program, or attach to it, with --clock all to change all clocks"
      )
    }
    if let record { try picture?.write(Array(LineChart(record).svg.utf8)) }
    if plot?.text == "-" { return }
    let report = TimeReport(state, process: Int32(session.text))
    print(json ? try report.json : report.text)
  }

  private func specification() throws -> TimeSpecification? {
    // A dash after the mark for the end of options begins no option.
    let words = spec.first == "--" ? spec.dropFirst() : spec[...]
    guard !words.isEmpty else { return nil }
    do {
      return try DateWords.specification(words.joined(separator: " "))
    } catch {
      StandardError.print("demo-loader: time: \(error)")
      throw ExitCode.validationFailure
    }
  }
}
