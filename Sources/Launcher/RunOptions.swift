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
  /// Whether addresses are random; nil leaves that as it is for this process.
  public var randomizesAddresses: Bool?
  /// How the program is started.
  public var engine = Engine.auto
  /// Whether programs that it executes get our page too, where the engine can see to that; nil for where that takes no rights
  /// from them.
  public var follow: Bool?
  /// The time that the program is to see; nil for the host's.
  public var time: TimeRequest?
  /// Whether system calls that bypass the page see that time too; nil for where they can be intercepted.
  public var strict: Bool?
  /// Whether programs that set the clock set the machine's, and not the session's.
  public var setsHostClock = false
  /// Whether the times of files are seen, and set, by the program's time.
  public var movesFileTimes = false
  /// The clocks of which they see it: those of `time`, and those that a change may be for.
  public var answeredScope = VirtualClock.Scope.realtime
  /// Whether every run finds the same: see `makeDeterministic`.
  var isDeterministic = false
  /// The path of a socket through which the time can be changed.
  public var control: [UInt8]?
  /// Whether to say on standard error which page is used, and how the calls resolve.
  public var verbose = false
  /// A path where it holds a slash, else a name that is looked up in PATH. As arguments, bytes without a null, UTF-8 or not.
  public var program: [UInt8]
  /// What follows the program.
  public var arguments: [[UInt8]]

  /// Whether system calls of the program must be intercepted.
  var answersCalls: Bool { steps || strict == true }

  /// Whether calls that bypass the page are intercepted where that is possible.
  var correctsCalls: Bool { follow != false && strict != false && (time != nil || control != nil) }

  private var steps: Bool { if case .step? = time?.specification.flow { true } else { false } }

  /// Says which time the program is to see, and what may be changed about it while it runs.
  ///
  /// `scope` is the clocks that were asked for, if any: else those that are usually meant, and whatever a change may be for.
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
  /// As people read it: what isn't UTF-8 is repaired, and so like no word that is known.
  var text: String { String(decoding: self, as: UTF8.self) }
}
