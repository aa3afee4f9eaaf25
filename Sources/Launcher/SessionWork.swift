// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Glibc
import SimulatedKernel
import TimeCalls
import VirtualTime

/// What the supervisor of a session does besides injecting pages: it updates the time page, and receives changes of the time.
enum SessionWork {
  /// Opens the socket at which a session is reached by the path that its user gave, if any; nil for a session whose time can't
  /// be changed.
  static func control(_ options: RunOptions) throws(StartError) -> ControlSocket? {
    guard options.time != nil || options.control != nil else { return nil }
    let control = ControlSocket(user: geteuid())
    guard let path = options.control else { return control }
    do throws(ControlError) {
      try control.listen(at: path)
    } catch {
      throw StartError(error)
    }
    return control
  }

  /// The work for the page of `session`; nil if there is none.
  static func work(
    _ session: borrowing Session, _ control: ControlSocket?, _ calls: SessionCalls?
  ) -> SupervisorDelegate? {
    let time = session.time
    let page = session.file.page
    let needsTimekeeper = time.kernel.needsTimekeeper
    guard needsTimekeeper || control != nil else { return nil }
    if let control, let number = session.file.number {
      // Without it the session is still reached by its path.
      try? control.listen(forPage: number)
    }
    var work = SupervisorDelegate(
      interval: needsTimekeeper ? Int32(Timekeeper.tickInterval / 1_000_000) : nil,
      begin: { hearsCalls in
        time.answeredScope = hearsCalls ? calls?.answeredScope : nil
        time.movesFileTimes = hearsCalls && calls?.movesFileTimes == true
        if needsTimekeeper { page.keep() }
      },
      takeOver: { time.takeOver() },
      refresh: {
        calls?.settings?.settle()
        if needsTimekeeper { time.refresh() }
      },
      descriptors: { control?.descriptors ?? [] },
      serve: {
        control?.serve(
          { specification, scope throws(ControlError) in try time.change(specification, scope) }, state: { time.state })
      },
      end: {
        control?.close()
        calls?.report()
      })
    work.pending = { calls?.settings?.patience }
    work.kept = calls?.kept ?? []
    if let calls, !calls.kept.isEmpty { work.programEnded = { calls.report() } }
    return work
  }
}
