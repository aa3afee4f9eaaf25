// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Glibc
import SimulatedKernel
import TimeCalls
import TimePages
import VirtualTime

/// The work of a session's supervisor besides the injection of pages: it updates the time page and receives changes of the time.
final class SessionDelegate: SupervisorDelegate {
  private let session: Session
  private let control: ControlSocket?
  private let calls: SessionCalls?
  private let needsTimekeeper: Bool
  private let watchesDate: Bool
  private var dateWatch: DateWatch?
  /// What attaches to processes that enter the session's PID namespace.
  var namespaceWatch: NamespaceWatch?

  /// Nil if `session` needs no such work.
  init?(_ session: Session, _ control: ControlSocket?, _ calls: SessionCalls?) {
    needsTimekeeper = session.kernel.needsTimekeeper
    guard needsTimekeeper || control != nil else { return nil }
    // An outer session would intercept the setting of the timer. Inside one, the next tick notices that the date was set.
    watchesDate =
      needsTimekeeper && CallPermissions.current.mayWatchDate && OuterSession.currentSupervisor == nil
    if let control, let number = session.file.number {
      // Without that name the session can still be reached by its path.
      try? control.listen(forPage: number)
    }
    self.session = session
    self.control = control
    self.calls = calls
  }

  /// Opens the socket at the path that the user gave, if any, through which the session can be reached; nil for a session whose time can't
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

  override var interval: Int32? { session.kernel.tickDelay.map { Int32($0 / 1_000_000) } }

  override func begin(interceptsCalls: Bool) {
    session.followRestart()
    session.answeredScope = interceptsCalls ? calls?.answeredScope : nil
    session.movesFileTimes = interceptsCalls && calls?.movesFileTimes == true
    if needsTimekeeper { session.file.page.keep() }
    if watchesDate, dateWatch == nil { dateWatch = DateWatch() }
  }

  override func takeOver() { session.takeOver() }

  override func refresh() {
    calls?.settings?.settle()
    if needsTimekeeper { session.refresh() }
  }

  override var patience: Int32? { calls?.settings?.patience }

  override var descriptors: [Int32] { (control?.descriptors ?? []) + (dateWatch.map { [$0.descriptor] } ?? []) }

  override func serve() -> Bool {
    if dateWatch?.wasSet == true { session.refresh() }
    return control?.serve(
      { specification, scope throws(ControlError) in try session.change(specification, scope) },
      endWatching: { namespaceWatch?.end() },
      state: {
        var state = session.state
        state.entered = namespaceWatch.map { EnteredProcesses($0) }
        return state
      }, record: { session.record }) == true
  }

  override var kept: [Int32] { calls?.kept ?? [] }

  override var waitsForProgram: Bool { !kept.isEmpty }

  override func programEnded() { calls?.report() }

  override func end() {
    control?.close()
    calls?.report()
  }
}

extension EnteredProcesses {
  fileprivate init(_ watch: NamespaceWatch) {
    self.init(
      attached: watch.counts.attached.value, ended: watch.counts.ended.value, refused: watch.counts.refused.value,
      unseen: watch.counts.unseen.value, gaps: watch.counts.gaps.value, isWatched: watch.isOn)
  }
}
