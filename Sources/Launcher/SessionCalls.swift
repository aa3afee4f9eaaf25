import ExecEngine
import Glibc
import SimulatedKernel
import TimeCalls
import VirtualTime

/// What becomes of a session's system calls that pass its page by, and for the verbose user how many the host answered.
final class SessionCalls {
  private let answers: TimeAnswers?
  /// What becomes of those that set the machine's clock.
  let settings: ClockSettings?
  /// The clocks of which system calls are answered; nil where they are counted only.
  let answeredScope: VirtualClock.Scope?
  /// A descriptor of standard error, which the helper keeps for its report; -1 without one.
  private let output: Int32

  init(_ time: SessionTime, _ options: RunOptions) {
    settings = time.settings(options)
    let scope = options.answeredScope
    let mode = Self.mode(options)
    output = options.verbose && mode != nil ? fcntl(2, F_DUPFD, 3) : -1
    answers = mode.map { mode in
      TimeAnswers(mode, scope: scope, clock: { time.clock }, read: { id, reading in time.read(id, at: reading) })
    }
    answeredScope = options.correctsCalls || options.answersCalls ? scope : nil
  }

  /// Nil where those that pass the page by are the kernel's.
  private static func mode(_ options: RunOptions) -> TimeAnswers.Mode? {
    if options.correctsCalls { return .strict }
    if options.time != nil && options.verbose && options.follow != false { return .counting }
    return options.answersCalls ? .stepping : nil
  }

  /// All of them, and who answers.
  var watches: [CallWatch] { [answers?.watch, settings?.watch].compactMap { $0 } }

  /// Whether there is somebody who hears of them; set before the program starts.
  var areHeard: Bool {
    get { heard.value != 0 }
    set { heard.value = newValue ? 1 : 0 }
  }

  private let heard = SharedWord()
  private let missedPrograms = SharedWord()

  /// Notes that a program saw the host's time, whatever it called.
  func countMissedProgram() { missedPrograms.value += 1 }

  /// What a helper keeps open for it.
  var kept: [Int32] { output < 0 ? [] : [output] }

  /// Says at the session's end which calls saw the host's time.
  func report() {
    guard output >= 0 else { return }
    let counts = (answers?.counts ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let missed = missedPrograms.value
    if missed > 0 { StandardError.print("demo-loader: programs that saw the host's time: \(missed)", to: output) }
    if !areHeard {
      StandardError.print("demo-loader: system calls that pass the page by were not watched", to: output)
    } else if !counts.isEmpty {
      StandardError.print(
        "demo-loader: system calls that passed the page by and saw the host's time: "
          + counts.joined(separator: ", "), to: output)
    } else if missed == 0 {
      StandardError.print("demo-loader: no system call passed the page by", to: output)
    }
  }
}
