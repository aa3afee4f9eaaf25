// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Glibc
import ProcessSupport
import SimulatedKernel
import TimeCalls
import VDSOImages
import VirtualTime

/// The shared state of a session's programs: the time page, the kernel that makes its states, and how its clocks differ from the host's.
///
/// One process at a time may change it: before the program starts, this process, and afterwards the session's supervisor.
final class Session {
  /// The deadlines in nanoseconds for publishing a state, for the first attempt and the later ones.
  private static let margins: [Int64] = [1_000_000, 10_000_000, 100_000_000]
  /// Nanoseconds in which the supervisor publishes a tick, on any machine.
  private static let tickPatience: Int64 = 2_000_000_000

  private(set) var kernel: SimulatedKernel
  private(set) var clock: VirtualClock
  /// The file with the shared time page, which is writable here, and with the page for programs in other time namespaces: its clocks are
  /// the host's as those programs see them.
  let file: TimePageFile
  /// The changes of the date since the session began.
  private var changes: TimeRecord
  /// How the clocks differ from the host's for the process that started the session.
  private let surroundings: [ClockID: ClockMap]
  /// Memory in which a supervisor that takes over finds the clock that the one before it has set.
  private let shared: SharedClock?
  /// The clocks for which system calls are answered, which stepped clocks need; nil if calls aren't intercepted.
  var answeredScope: VirtualClock.Scope?
  /// Whether the times of files are moved like the date, which must then go at the host's rate.
  var movesFileTimes = false
  /// Whether the time begins only once the threads of a running process are stopped, with `restart`.
  var awaitsRestart = false

  /// Boots a kernel for programs of `architecture` with `clockSource`, and publishes the time of `clock`. `surroundings` are the clocks
  /// that the process which starts the session sees. `mayChange` says whether the time can be changed later.
  init(
    _ clockSource: ClockSource, architecture: VDSOImages.Architecture = .native, _ clock: VirtualClock,
    surroundings: [ClockID: ClockMap], mayChange: Bool, isVerbose: Bool
  ) throws(StartError) {
    kernel = SimulatedKernel(
      architecture: architecture, clockSource: clockSource, log: StandardError.log(isVerbose: isVerbose))
    kernel.mapsMayChange = mayChange
    do throws(KernelError) {
      try kernel.initialize()
    } catch {
      throw StartError(error)
    }
    do throws(SystemError) {
      // In a time namespace, a timekeeper publishes clocks with that namespace's offsets, which are wrong in another namespace.
      file = try TimePageFile(hasHostPage: kernel.needsTimekeeper)
    } catch {
      throw StartError(error)
    }
    self.clock = clock
    changes = TimeRecord(start: Self.change(nil, to: clock))
    self.surroundings = surroundings
    shared = mayChange || kernel.needsTimekeeper ? SharedClock() : nil
    shared?.store(clock)
    apply(clock, to: &kernel)
    file.page.publish(kernel.timeData)
    publishOnHostPage()
  }

  /// The clock of a session that starts when the host's clocks are at `instant`.
  static func clock(_ request: TimeRequest?, at instant: HostInstant) throws(StartError) -> VirtualClock {
    do throws(VirtualClockError) {
      return try VirtualClock(request ?? .host, at: instant)
    } catch {
      throw StartError(ClockError(error))
    }
  }

  private struct ClockError: Error, CustomStringConvertible {
    let description: String

    init(_ error: VirtualClockError) { description = "--time: \(error)" }
  }

  /// Whether a monotonic clock of the page may fall behind the host's.
  var mayLag: Bool {
    kernel.clockSource == .tick
      || clock.maps.contains { !$0.key.isDate && ($0.value.isFrozen || $0.value.rate < ClockMap.unitRate) }
  }

  /// Has the time begin at this moment, before the process that is attached to reads the page, and while no supervisor updates it.
  ///
  /// With `nanoseconds` its monotonic clocks begin that much later, and stand until then.
  func restart(in nanoseconds: Int64 = 0) {
    var host = HostInstant.now()
    host.uptime += nanoseconds
    host.rawUptime += nanoseconds
    host.maps = surroundings
    // The supervisor would not learn of another clock.
    if let shared, let next = try? VirtualClock(clock.request, at: host) {
      clock = next
      apply(next, to: &kernel)
      shared.store(next)
    }
    var data = kernel.timeData
    if nanoseconds > 0 { data.advanceTicks(by: nanoseconds) }
    data.keepUp(with: file.page.published)
    file.page.publish(data)
    publishOnHostPage()
  }

  /// In the supervisor, before it updates the page: continues with the time that another process has begun.
  func followRestart() {
    guard awaitsRestart else { return }
    awaitsRestart = false
    if adoptSharedClock() != nil { changes = TimeRecord(start: Self.change(nil, to: clock)) }
  }

  /// In another process than the supervisor: waits until the supervisor has published a state that isn't behind the present; false if it
  /// publishes none.
  func waitForTick() -> Bool {
    var kernel = kernel
    apply(shared?.clock ?? clock, to: &kernel)
    let (present, start) = (kernel.timeData, HostClock.uptime)
    while file.page.published.isBehind(present) {
      guard HostClock.uptime - start < Self.tickPatience else { return false }
      HostClock.sleep(nanoseconds: 200_000)
    }
    return true
  }

  /// Changes the clocks of `scope` by `specification`. Without a scope it changes the clocks that were changed before and those that are
  /// usually meant, as far as system calls are answered for them.
  func change(_ specification: TimeSpecification, _ scope: VirtualClock.Scope?) throws(ControlError) {
    var request = TimeRequest(usual: specification)
    if clock.request.scope == .all { request.scope = .all }
    if answeredScope == .realtime { request.scope = .realtime }
    if let scope { request.scope = scope }
    try check(request)
    for margin in Self.margins {
      var host = HostInstant.now().advanced(by: margin)
      host.maps = surroundings
      let next = try changedClock(request, at: host)
      guard !movesFileTimes || next.fileTimeOffset != nil else {
        throw ControlError(
          "this session shifts file times, which needs a date that goes at the host's rate: pass an offset or a date, or start "
            + "it without --file-times")
      }
      var kernel = kernel
      kernel.tick()
      apply(next, to: &kernel)
      shared?.store(next)
      let isPublished = file.page.publish(kernel.timeData) {
        kernel.isTimely && HostClock.uptime < host.uptime
      }
      if isPublished {
        self.kernel = kernel
        begin(next)
        return
      }
    }
    throw ControlError("the machine is too busy to change the time without a clock going back: try again")
  }

  /// Replaces the clock by `next`, which differs in dates only.
  func replace(by next: VirtualClock) {
    for attempt in Self.margins.indices {
      var kernel = kernel
      kernel.tick()
      apply(next, to: &kernel)
      shared?.store(next)
      let isLast = attempt == Self.margins.count - 1
      if file.page.publish(kernel.timeData, while: { kernel.isTimely || isLast }) {
        self.kernel = kernel
        begin(next)
        return
      }
    }
  }

  /// Has `next` be the session's clock, which the page has already.
  private func begin(_ next: VirtualClock) {
    changes.append(Self.change(clock, to: next))
    clock = next
    publishOnHostPage()
  }

  /// The change of the date from one clock's, or the host's, to another's at this moment.
  private static func change(_ last: VirtualClock?, to next: VirtualClock) -> TimeRecord.Change {
    let date = HostClock.read(.realtime).nanosecondsSinceEpoch
    return TimeRecord.Change(
      uptime: HostClock.uptime,
      before: last.map { difference(of: $0, at: date) } ?? 0, after: difference(of: next, at: date))
  }

  private static func difference(of clock: VirtualClock, at date: Int64) -> Int64 {
    let (difference, overflow) = clock.value(of: .realtime, at: date).subtractingReportingOverflow(date)
    return overflow ? (date < 0 ? .max : .min) : difference
  }

  /// The changes of the date, compared with the host's, and its present difference.
  var record: TimeRecord {
    let date = HostClock.read(.realtime).nanosecondsSinceEpoch
    return changes.at(
      uptime: HostClock.uptime, difference: Self.difference(of: clock, at: date))
  }

  /// Answers one reading: the value of clock `id` when the host's clock is at `reading`. Each reading of a stepped clock takes one step.
  func read(_ id: ClockID, at reading: Int64) -> Int64 {
    defer { shared?.storeSteps(of: clock) }
    return clock.read(id, at: reading)
  }

  /// Continues after a supervisor that has ended, with the clock and the counter's lines that it published last.
  func takeOver() {
    if let before = adoptSharedClock() { changes.append(Self.change(before, to: clock)) }
    kernel.takeOver(file.page)
    file.hostPage?.repair()
    publishOnHostPage()
  }

  /// Takes over the clock that another process has published. Returns the clock before it, if that had other maps.
  private func adoptSharedClock() -> VirtualClock? {
    guard let last = shared?.clock else { return nil }
    var kernel = kernel
    apply(last, to: &kernel)
    guard kernel.timeData.hasMaps(of: file.page.published) else { return nil }
    let before = clock
    (self.kernel, clock) = (kernel, last)
    return last.maps == before.maps ? nil : before
  }

  /// Notices processes that enter another time namespace without executing a program: from then on, all readers of the session ask the
  /// host, whose clocks have the namespace's offsets. Nil if all readers ask the host in any case.
  var namespaceInterceptor: CallInterceptor? {
    guard kernel.needsTimekeeper else { return nil }
    return NamespaceEntry.interceptor {
      guard self.kernel.needsTimekeeper else { return }
      self.kernel.useHostClocks()
      self.file.page.publish(self.kernel.timeData)
    }
  }

  private func publishOnHostPage() {
    guard let hostPage = file.hostPage else { return }
    var host = SimulatedKernel(architecture: kernel.architecture, clockSource: .host)
    host.maps = kernel.maps
    host.mapsMayChange = kernel.mapsMayChange
    host.trappedClocks = kernel.trappedClocks
    hostPage.publish(host.timeData)
  }

  private func check(_ request: TimeRequest) throws(ControlError) {
    if case .step = request.specification.flow, answeredScope == nil {
      throw ControlError(
        "steps need intercepted system calls, and this session intercepts none: start it with --time \"step 1s\", or where programs can be followed"
      )
    }
    if request.scope == .all, answeredScope == .realtime {
      throw ControlError("this session intercepts only system calls for REALTIME: start it with --clock all")
    }
  }

  /// Publishes a new state of the same time, if there is one. A stepped clock is in no state.
  func refresh() {
    guard clock.steppedClocks.isEmpty else { return kernel.tick() }
    kernel.refresh(file.page)
  }

  /// The time that the programs see.
  var state: SessionState {
    let date = clock.value(of: .realtime, at: HostClock.read(.realtime).nanosecondsSinceEpoch)
    return SessionState(date: date, request: clock.request)
  }

  /// The date that the programs see, also if another process has changed it.
  var date: Int64 {
    (shared?.clock ?? clock).value(of: .realtime, at: HostClock.read(.realtime).nanosecondsSinceEpoch)
  }

  private func changedClock(_ request: TimeRequest, at host: HostInstant) throws(ControlError) -> VirtualClock {
    do throws(VirtualClockError) {
      return try clock.changed(to: request, at: host)
    } catch {
      throw ControlError(error.description)
    }
  }

  private func apply(_ clock: VirtualClock, to kernel: inout SimulatedKernel) {
    kernel.maps = clock.pageMaps
    kernel.trappedClocks = clock.steppedClocks
  }
}
