import ExecEngine
import Glibc
import SimulatedKernel
import TimeCalls
import VirtualTime

/// What becomes of a session's system calls that pass its page by, and for the verbose user how many the host answered.
final class SessionCalls {
  let answers: TimeAnswers
  /// A descriptor of standard error, which the helper keeps for its report; -1 without one.
  private let output: Int32

  /// Nil where nobody asks for them.
  init?(_ time: SessionTime, _ options: RunOptions) {
    guard let request = options.time, options.answersCalls || options.verbose else { return nil }
    let mode: TimeAnswers.Mode = options.strict ? .strict : options.verbose ? .counting : .stepping
    output = options.verbose ? fcntl(2, F_DUPFD, 3) : -1
    answers = TimeAnswers(
      mode, scope: request.scope, clock: { time.clock }, read: { id, reading in time.read(id, at: reading) })
    if options.answersCalls { time.answeredScope = request.scope }
  }

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
    let counts = answers.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
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
