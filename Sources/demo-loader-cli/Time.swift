import ArgumentParser
import Launcher
import VirtualTime

/// `demo-loader time`: the time that running programs see, read or changed.
struct Time: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read or change the time that running programs see.",
    discussion: """
      All programs of a session see the change at their next reading: a session is what one demo-loader with --time or \
      --control has started. Monotonic clocks never go back.

      Examples:
        demo-loader time 4711                        say what process 4711 and its session see
        demo-loader time 4711 @2038-01-19T03:14:00Z  set their date
        demo-loader time ./clock x10                 let it go ten times as fast, where --control was ./clock
        demo-loader time ./clock =                   stop it where it is
      """)

  @Argument(help: "A process of the session, or the file that --control named.")
  var session: ByteArgument

  // A negative offset starts with a dash, as options do.
  @Argument(parsing: .allUnrecognized, help: "The time, as for --time; without it the time is read.")
  var spec: [String] = []

  @Option(help: "Which clocks it is for: REALTIME or all. By default those that it was for before, and all for a rate.")
  var clock: VirtualClock.Scope?

  @Flag(help: "Describe the time as JSON.")
  var json = false

  func run() throws {
    let specification = try self.specification()
    let state = try Failure.reported(subject: session.text) {
      let session = try TimeSession(named: session.bytes)
      return try specification.map { try session.set($0, scope: clock) } ?? session.state()
    }
    if let specification, clock == nil, specification.flow.isOtherRate, state.request.scope == .realtime {
      StandardError.print(
        "demo-loader: only dates go at this rate: this session answers system calls for REALTIME alone; start it with --clock all or --control for the rest"
      )
    }
    let report = TimeReport(state)
    print(json ? try report.json : report.text)
  }

  private func specification() throws -> TimeSpecification? {
    guard !spec.isEmpty else { return nil }
    do {
      return try DateWords.specification(spec.joined(separator: " "))
    } catch {
      StandardError.print("demo-loader: time: \(error)")
      throw ExitCode.validationFailure
    }
  }
}
