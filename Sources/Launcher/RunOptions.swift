// SPDX-License-Identifier: Apache-2.0

import ExecEngine
public import TimePages
public import VirtualTime

/// The options, program and arguments of `demo-loader [options] PROG [ARG…]`.
public struct RunOptions: Hashable, Sendable {
  /// Where the page's time comes from.
  public var clockSource = ClockSource.host
  /// Which vDSO the program gets.
  public var vdso = VDSOChoice.ours
  /// Whether addresses are random; nil keeps the setting of this process.
  public var randomizesAddresses: Bool?
  /// How the program is started.
  public var engine = Engine.auto
  /// Whether programs that the program executes get our page too; nil if they are to get it where they would otherwise see something else,
  /// as far as that is possible.
  public var follow: Bool?
  /// The time that the program is to see; nil for the host's.
  public var time: TimeRequest?
  /// Whether system calls that bypass the page return that time too; nil if they are to be intercepted as far as that is possible.
  public var strict: Bool?
  /// Whether programs that set the clock set the machine's clock instead of the session's.
  public var setsHostClock = false
  /// Whether the program sees and sets the times of files in its own time.
  public var movesFileTimes = false
  /// The clocks for which system calls are answered: those of `time`, and those that a later change may concern.
  public var answeredScope = VirtualClock.Scope.realtime
  /// Whether every run is the same: see `makeDeterministic`.
  var isDeterministic = false
  /// The path of a socket through which the time can be changed.
  public var control: [UInt8]?
  /// Whether to print to standard error which page is used, and how the calls resolve.
  public var verbose = false
  /// The program: a path if it contains a slash, else a name that is looked up in PATH. Like arguments, it has any bytes but null.
  public var program: [UInt8]
  /// The arguments after the program.
  public var arguments: [[UInt8]]

  /// Whether system calls of the program must be intercepted.
  var answersCalls: Bool { steps || strict == true }

  /// Whether calls that bypass the page are intercepted if possible.
  var correctsCalls: Bool { follow != false && strict != false && (time != nil || control != nil) }

  private var steps: Bool { if case .step? = time?.specification.flow { true } else { false } }

  /// Sets the time that the program sees, and which clocks may be changed while it runs.
  ///
  /// `scope` is the set of clocks that the user chose. Without it, it is the usual set for `specification`, and a later change may concern
  /// any clock.
  mutating func setTime(_ specification: TimeSpecification?, scope: VirtualClock.Scope?) {
    if let specification {
      time = scope.map { TimeRequest(specification, scope: $0) } ?? TimeRequest(usual: specification)
    } else if let scope {
      time = TimeRequest(TimeRequest.host.specification, scope: scope)
    }
    answeredScope = scope ?? (control == nil ? time?.scope ?? .realtime : .all)
  }

  public init(program: [UInt8], arguments: [[UInt8]] = []) {
    self.program = program
    self.arguments = arguments
  }
}

extension [UInt8] {
  /// The bytes as text for messages. Bytes that aren't UTF-8 are replaced, so that the text equals no known word.
  var text: String { String(decoding: self, as: UTF8.self) }
}
