// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import TimePages

/// What a supervisor knows of a session whose first program ran before it: processes may leave the session, and it may end before they do.
///
/// A standby has a copy. One process at a time uses it: the supervisor.
final class Attachment {
  /// Finds the listening ends of filters where the process that installed them was killed before it could send them.
  private let findListeners: () -> [Int32]
  private var hasLooked = false
  /// Whether tasks of the session lived under filters before its own one.
  let hasOtherFilters: Bool
  /// The calls that its filter intercepts, where that was another session's before.
  let calls: [InterceptedCall]?
  /// The number of the session's time page.
  private let session: UInt64
  /// Processes that have left a session of this filter. A process without the page may then be one, or a child of one.
  private(set) var detached: [DetachedProcess] = []
  /// The same for filters that were others' before, in the order of their listening ends, until those are there.
  private var taken: [[Int32]]
  /// Whether the session is over: no process has its page, but some have its filter.
  private(set) var isOver = false
  /// Where the filter is to be had then.
  let offers = FilterOffers()
  /// Whether something has changed that a standby is to know.
  var isNews = false
  private var lastCheck: Int64 = .min
  /// What attaches to processes that enter a PID namespace later, where that is wanted.
  let watch: NamespaceWatch?

  init(
    session: UInt64, hasOtherFilters: Bool, _ taken: [TakenFilter], findListeners: @escaping () -> [Int32],
    _ watch: NamespaceWatch?
  ) {
    (self.session, self.hasOtherFilters, self.findListeners) = (session, hasOtherFilters, findListeners)
    self.watch = watch
    calls = taken.first?.calls
    self.taken = taken.map { $0.detached }
  }

  /// Takes note of the listening ends.
  func receive(_ listeners: [Int32]) {
    for (listener, processes) in zip(listeners, taken) {
      detached += processes.map { DetachedProcess(process: $0, listener: listener) }
    }
    taken = []
  }

  /// Looks for those listening ends, once.
  func lookForListeners() -> [Int32] {
    defer { hasLooked = true }
    return hasLooked ? [] : findListeners()
  }

  /// Whether a task is of the session: not where it, or what started it, has left.
  func includes(_ thread: Int32) -> Bool {
    !isOver && (detached.isEmpty || Self.hasPage(session, thread))
  }

  /// Takes note that a process leaves the session, whose calls come from a listening end. Returns whether it has left its page already.
  func leave(_ process: Int32, _ listener: Int32) -> Bool {
    let leaving = DetachedProcess(process: process, listener: listener)
    if !detached.contains(leaving) {
      detached.removeAll { $0.process == process || ProcessFiles.state(of: $0.process) == nil }
      detached.append(leaving)
      isNews = true
      // What attaches to the process meanwhile waits for the session's end.
      offers.begin(detached)
    }
    guard !Self.hasPage(session, process) else { return false }
    lastCheck = .min
    return true
  }

  /// Whether it is time to check whether a process is still on the page: when the supervisor `isIdle`, and every 50 ms while it isn't.
  func isCheckDue(isIdle: Bool) -> Bool {
    let now = HostClock.uptime
    guard isIdle || lastCheck == .min || now - lastCheck >= 50_000_000 else { return false }
    lastCheck = now
    return true
  }

  /// Milliseconds after which the supervisor checks that if nothing happens. A process that has left may be attached to again soon.
  var patience: Int32 { detached.isEmpty ? 1000 : 100 }

  /// Takes note that a listening end is another session's.
  func forget(_ listener: Int32) {
    detached.removeAll { $0.listener == listener }
    isNews = true
  }

  /// Ends the session, but not the work for those that have its filter.
  func end() {
    isOver = true
    isNews = true
    watch?.end()
    offers.begin(detached)
  }

  /// Whether the time page of that number is among a task's mappings.
  private static func hasPage(_ session: UInt64, _ task: Int32) -> Bool {
    guard let maps = try? SmallFile.contents(of: "/proc/\(task)/maps") else { return false }
    return ProcessMapping.list(maps).contains { $0.fileNumber == session && $0.name.elementsEqual(timePageName) }
  }

  private static let timePageName = Array("/memfd:vdso-time (deleted)".utf8)
}

/// A process that has left a session, but has its filter.
struct DetachedProcess: Hashable {
  let process: Int32
  /// The listening end of that filter.
  let listener: Int32
}
