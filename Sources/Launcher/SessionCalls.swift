// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import SimulatedKernel
import TimeCalls
import VirtualTime

/// What becomes of a session's system calls that bypass its page, and for --verbose how many the host answered.
final class SessionCalls {
  private let answers: TimeAnswers?
  private let fileTimes: FileTimes?
  /// What becomes of those that set the machine's clock.
  let settings: ClockSettings?
  /// The clocks of which system calls are answered; nil if they are counted only.
  let answeredScope: VirtualClock.Scope?
  /// Where the report goes, if there is to be one: the first, at the end of the first program, and one at the end of all.
  private let outputs: (first: SessionOutput, last: SessionOutput)?
  /// What has been reported.
  private var reported: [String]?

  init(_ session: Session, _ options: RunOptions) {
    settings = session.settings(options)
    let scope = options.answeredScope
    let mode = Self.mode(options)
    outputs = options.verbose && (mode != nil || options.time != nil) ? (.keptOpen(), SessionOutput()) : nil
    answers = mode.map { mode in
      TimeAnswers(
        mode, scope: scope, clock: { session.clock }, read: { id, reading in session.read(id, at: reading) })
    }
    fileTimes = options.movesFileTimes ? FileTimes { session.clock } : nil
    answeredScope = options.correctsCalls || options.answersCalls ? scope : nil
  }

  /// Nil if those that bypass the page are the kernel's.
  private static func mode(_ options: RunOptions) -> TimeAnswers.Mode? {
    if options.correctsCalls { return .strict }
    if options.time != nil && options.verbose && options.follow != false { return .counting }
    return options.answersCalls ? .stepping : nil
  }

  /// All interceptors.
  var interceptors: [CallInterceptor] {
    [answers?.interceptor, settings?.interceptor, fileTimes?.interceptor].compactMap { $0 }
  }

  /// Whether those that set the clock are answered, where the supervisor of `outer`, if any, forwards what it intercepts.
  func answersSetting(in outer: OuterSession?) -> Bool {
    guard let settings else { return false }
    return outer?.unintercepted(settings.interceptor.calls).isEmpty ?? true
  }

  /// Whether the times of files are moved.
  var movesFileTimes: Bool { fileTimes != nil }

  /// Whether they are intercepted; set before the program starts.
  var areIntercepted: Bool {
    get { intercepted.value != 0 }
    set { intercepted.value = newValue ? 1 : 0 }
  }

  private let intercepted = SharedWord()
  private let missedPrograms = SharedWord()

  /// Notes that a program saw the host's time, whatever it called.
  func countMissedProgram() { missedPrograms.value += 1 }

  /// What a supervisor keeps open for it.
  var kept: [Int32] { outputs.map { $0.first.descriptors + $0.last.descriptors } ?? [] }

  /// Says which calls saw the host's time, unless that has been said.
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
    let missed = missedPrograms.value
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
