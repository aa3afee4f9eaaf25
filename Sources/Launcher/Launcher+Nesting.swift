// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
import TimePages
import VirtualTime

extension Launcher {
  /// Joins the session that this process is in, if any, for a session of its own.
  ///
  /// The calls that the outer session's supervisor intercepts were fixed when it began. If they lack one that must be answered, the program
  /// isn't started. If they lack others, a message says which readings stay the host's.
  static func join(
    _ session: Session, follows: Bool, _ interceptors: [CallInterceptor], _ calls: SessionCalls, _ options: RunOptions
  ) throws(StartError) -> OuterSession? {
    guard let number = session.file.number, let outer = OuterSession.join(number: number, follows: follows) else {
      return nil
    }
    let unintercepted = outer.unintercepted(interceptors.flatMap { $0.calls })
    guard !unintercepted.isEmpty else { return outer }
    guard !options.answersCalls else {
      outer.leave()
      throw StartError(UninterceptedCalls(supervisor: outer.supervisor))
    }
    if options.correctsCalls {
      let files = options.movesFileTimes ? ", or read file times," : ""
      let setting =
        calls.answersSetting(in: outer) || options.setsHostClock ? "" : ", and those that set it fail (EPERM)"
      StandardError.print(
        "demo-loader: \(options.program.text.escapingControls): system calls that read a clock or wait for it\(files) may use the host's time\(setting): the session of "
          + "process \(outer.supervisor), which contains this one, doesn't intercept all of them; pass --no-strict if this is intended"
      )
    }
    return outer
  }
}

/// The outer session doesn't intercept calls that must be answered.
private struct UninterceptedCalls: Error, CustomStringConvertible {
  var supervisor: Int32

  var description: String {
    "--strict, --deterministic and step clocks need system calls that the session of process \(supervisor), which would contain this one, "
      + "doesn't intercept: start that session with the same option and --clock all, or start this one outside it"
  }
}

extension RunOptions {
  /// Whether the options ask for nothing but a page. Inside a session, the program then gets that session's page.
  var isPlain: Bool { time == nil && control == nil && vdso == .ours && clockSource == .host && strict == nil }

  /// Shows the program the time that this process sees, if that is a session's and the options ask for no other.
  mutating func keepSessionsTime() {
    guard time == nil, vdso != .kernel, let page = SessionPage.current, page.hasSteps || !page.maps.isEmpty else {
      return
    }
    time = TimeRequest(TimeSpecification(), scope: page.maps[.monotonic] == nil ? .realtime : .all)
  }
}
