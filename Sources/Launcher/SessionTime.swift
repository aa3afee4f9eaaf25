// SPDX-License-Identifier: Apache-2.0

import Glibc
import SimulatedKernel
import TimeCalls
import VirtualTime

/// The time that a session's programs see: the kernel that makes the states of their page, and how its clocks differ from the
/// host's.
///
/// One process at a time may change it: before the program starts this one, then the session's supervisor.
final class SessionTime {
  /// Nanoseconds within which a state is to be published, first and in later attempts.
  private static let margins: [Int64] = [1_000_000, 10_000_000, 100_000_000]

  private(set) var kernel: SimulatedKernel
  private(set) var clock: VirtualClock
  private let page: TimePage
  /// How the clocks differ from the host's for the process that started the session.
  private let surroundings: [ClockID: ClockMap]
  /// The page of programs in other time namespaces, whose clocks are the host's as those programs see them.
  private let hostPage: TimePage?
  /// Where a supervisor that takes over finds what one before it has changed.
  private let shared: SharedClock?
  /// The clocks of which system calls are answered, by which stepped clocks are read; nil if they aren't intercepted.
  var answeredScope: VirtualClock.Scope?
  /// Whether the times of files are moved as the date is, which must then go on as the host's does.
  var movesFileTimes = false

  /// Starts the clocks by `request`, for a kernel that has booted, and publishes their state.
  init(_ kernel: SimulatedKernel, _ request: TimeRequest, at host: HostInstant, page: TimePage, hostPage: TimePage?)
    throws(VirtualClockError)
  {
    self.kernel = kernel
    self.page = page
    surroundings = host.maps
    self.hostPage = hostPage
    shared = SharedClock()
    clock = try VirtualClock(request.specification, scope: request.scope, at: host)
    shared?.store(clock)
    apply(clock, to: &self.kernel)
    page.publish(self.kernel.timeData)
    publishOnHostPage()
  }

  /// Has the clocks go on by `specification`: those of `scope`, or without one those that were changed before and those that are
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
      let isPublished = page.publish(kernel.timeData) {
        kernel.isTimely && HostClock.read(.monotonic).nanosecondsSinceEpoch < host.uptime
      }
      if isPublished {
        self.kernel = kernel
        clock = next
        publishOnHostPage()
        return
      }
    }
    throw ControlError("the machine is too busy to change the time without a clock going back: try again")
  }

  /// Has the clocks go on as `next`, of which only dates differ.
  func replace(by next: VirtualClock) {
    for attempt in Self.margins.indices {
      var kernel = kernel
      kernel.tick()
      apply(next, to: &kernel)
      shared?.store(next)
      let isLast = attempt == Self.margins.count - 1
      if page.publish(kernel.timeData, while: { kernel.isTimely || isLast }) {
        self.kernel = kernel
        clock = next
        publishOnHostPage()
        return
      }
    }
  }

  /// Readings that are answered one by one: what clock `id` returns when the host's is at `reading`, with its step.
  func read(_ id: ClockID, at reading: Int64) -> Int64 {
    defer { shared?.storeSteps(of: clock) }
    return clock.read(id, at: reading)
  }

  /// Goes on where a supervisor before this one has ended: by the clock that it published last, and by its lines of the counter.
  func takeOver() {
    let published = page.published
    if let last = shared?.clock {
      var kernel = kernel
      apply(last, to: &kernel)
      if kernel.timeData.hasMaps(of: published) { (self.kernel, clock) = (kernel, last) }
    }
    kernel.takeOver(page)
    hostPage?.repair()
    publishOnHostPage()
  }

  private func publishOnHostPage() {
    guard let hostPage else { return }
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

  /// Publishes a new state of the same time, if there is one: a clock that steps is in none.
  func refresh() {
    guard clock.steppedClocks.isEmpty else { return kernel.tick() }
    kernel.refresh(page)
  }

  /// What the programs see.
  var state: SessionState {
    let date = clock.value(of: .realtime, at: HostClock.read(.realtime).nanosecondsSinceEpoch)
    return SessionState(date: date, request: clock.request)
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
