// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Glibc
import SimulatedKernel
import TimeCalls
import VirtualTime

/// What the supervisor of a session does besides injecting pages: it updates the time page, and receives changes of the time.
final class SessionDelegate: SupervisorDelegate {
  private let session: Session
  private let control: ControlSocket?
  private let calls: SessionCalls?
  private let needsTimekeeper: Bool

  /// nil if there is nothing to do for `session`.
  init?(_ session: Session, _ control: ControlSocket?, _ calls: SessionCalls?) {
    needsTimekeeper = session.kernel.needsTimekeeper
    guard needsTimekeeper || control != nil else { return nil }
    if let control, let number = session.file.number {
      // Without it the session is still reached by its path.
      try? control.listen(forPage: number)
    }
    self.session = session
    self.control = control
    self.calls = calls
  }

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

  override var interval: Int32? { needsTimekeeper ? Int32(Timekeeper.tickInterval / 1_000_000) : nil }

  override func begin(hearsCalls: Bool) {
    session.answeredScope = hearsCalls ? calls?.answeredScope : nil
    session.movesFileTimes = hearsCalls && calls?.movesFileTimes == true
    if needsTimekeeper { session.file.page.keep() }
  }

  override func takeOver() { session.takeOver() }

  override func refresh() {
    calls?.settings?.settle()
    if needsTimekeeper { session.refresh() }
  }

  override var patience: Int32? { calls?.settings?.patience }

  override var descriptors: [Int32] { control?.descriptors ?? [] }

  override func serve() {
    control?.serve(
      { specification, scope throws(ControlError) in try session.change(specification, scope) },
      state: { session.state })
  }

  override var kept: [Int32] { calls?.kept ?? [] }

  override var waitsForProgram: Bool { !kept.isEmpty }

  override func programEnded() { calls?.report() }

  override func end() {
    control?.close()
    calls?.report()
  }
}
