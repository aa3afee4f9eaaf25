// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import SimulatedKernel
import TimeCalls
import VirtualTime

/// The answers to a session's system calls that bypass its page. With --verbose it also counts the calls that the host answered.
final class SessionCalls {
  private let answers: TimeAnswers?
  private let fileTimes: FileTimes?
  /// The answers to calls that set the machine's clock.
  let settings: ClockSettings?
  /// The clocks for which system calls are answered; nil if the calls are only counted.
  let answeredScope: VirtualClock.Scope?
  /// The outputs of the report, if there is one: for the end of the first program, and for the end of the session.
  private let outputs: (first: SessionOutput, last: SessionOutput)?
  /// The lines that were reported last.
  private var reported: [String]?

  init(_ session: Session, _ options: RunOptions) {
    settings = session.settings(options)
    let scope = options.answeredScope
    let mode = Self.mode(options)
    outputs = options.verbose && (mode != nil || options.time != nil) ? (.keptOpen(), SessionOutput()) : nil
    facts = outputs == nil ? nil : (SharedWord(), SharedWord())
    answers = mode.map { mode in
      TimeAnswers(
        mode, scope: scope, clock: { session.clock }, read: { id, reading in session.read(id, at: reading) })
    }
    fileTimes = options.movesFileTimes ? FileTimes { session.clock } : nil
    answeredScope = options.correctsCalls || options.answersCalls ? scope : nil
  }

  /// What is done with calls that bypass the page; nil if they are left to the kernel.
  private static func mode(_ options: RunOptions) -> TimeAnswers.Mode? {
    if options.correctsCalls { return .strict }
    if options.time != nil && options.verbose && options.follow != false { return .counting }
    return options.answersCalls ? .stepping : nil
  }

  /// All interceptors.
  var interceptors: [CallInterceptor] {
    [answers?.interceptor, settings?.interceptor, fileTimes?.interceptor].compactMap { $0 }
  }

  /// Whether calls that set the clock are answered. `outer` is the session around this one, if any, whose supervisor forwards what it
  /// intercepts.
  func answersSetting(in outer: OuterSession?) -> Bool {
    guard let settings else { return false }
    return outer?.unintercepted(settings.interceptor.calls).isEmpty ?? true
  }

  /// Whether the times of files are moved.
  var movesFileTimes: Bool { fileTimes != nil }

  /// Whether the calls are intercepted; set before the program starts.
  var areIntercepted: Bool {
    get { facts.map { $0.intercepted.value != 0 } ?? false }
    set { facts?.intercepted.value = newValue ? 1 : 0 }
  }

  /// What a standby must know for the report; nil if there is none.
  private let facts: (intercepted: SharedWord, missedPrograms: SharedWord)?

  /// Notes that a program saw the host's time, in whatever calls.
  func countMissedProgram() { facts?.missedPrograms.value += 1 }

  /// The descriptors that a supervisor keeps open for the report.
  var kept: [Int32] { outputs.map { $0.first.descriptors + $0.last.descriptors } ?? [] }

  /// Reports which calls saw the host's time, unless the same was reported before.
  func report() {
    let lines = lines
    guard let outputs, lines != reported else { return }
    if reported == nil {
      outputs.first.print(lines)
      outputs.first.close()
    } else {
      outputs.last.print(lines)
    }
    reported = lines
  }

  private var lines: [String] {
    let missed = facts?.missedPrograms.value ?? 0
    let programs = missed > 0 ? ["demo-loader: programs that saw the host's time: \(missed)"] : []
    guard areIntercepted else {
      return programs + ["demo-loader: system calls that bypass the page were not intercepted, so none were counted"]
    }
    let counts = (answers?.counts ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    if !counts.isEmpty {
      return programs + [
        "demo-loader: system calls that bypassed the page and used the host's time: " + counts.joined(separator: ", ")
      ]
    }
    return missed > 0 ? programs : ["demo-loader: no system call bypassed the page"]
  }
}
