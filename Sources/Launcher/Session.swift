// SPDX-License-Identifier: Apache-2.0

import Glibc
import ProcessSupport
import SimulatedKernel
import TimeCalls
import VDSOImages
import VirtualTime

/// What the programs of a session share: their time page, the kernel that makes its states, and how its clocks differ from the host's.
///
/// One process at a time may change it: before the program starts this one, then the session's supervisor.
final class Session {
  /// Nanoseconds within which a state is to be published, first and in later attempts.
  private static let margins: [Int64] = [1_000_000, 10_000_000, 100_000_000]

  private(set) var kernel: SimulatedKernel
  private(set) var clock: VirtualClock
  /// The shared time page, writable here, and the page of programs in other time namespaces, whose clocks are the host's as those
  /// programs see them.
  let file: TimePageFile
  /// How the clocks differ from the host's for the process that started the session.
  private let surroundings: [ClockID: ClockMap]
  /// Where a supervisor that takes over finds what one before it has changed.
  private let shared: SharedClock?
  /// The clocks of which system calls are answered, by which stepped clocks are read; nil if they aren't intercepted.
  var answeredScope: VirtualClock.Scope?
  /// Whether the times of files are moved as the date is, which must then go on as the host's does.
  var movesFileTimes = false

  /// Boots a kernel for programs of `architecture` with `clockSource`, and publishes the time of `clock`, which differs from
  /// `surroundings` as they do from the host's clocks. Whether the time can be changed later, `mayChange` says.
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
      // What a timekeeper publishes of clocks that a time namespace moves isn't so in another.
      file = try TimePageFile(hasHostPage: kernel.needsTimekeeper)
    } catch {
      throw StartError(error)
    }
    self.clock = clock
    self.surroundings = surroundings
    shared = SharedClock()
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
      let isPublished = file.page.publish(kernel.timeData) {
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
      if file.page.publish(kernel.timeData, while: { kernel.isTimely || isLast }) {
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
    let published = file.page.published
    if let last = shared?.clock {
      var kernel = kernel
      apply(last, to: &kernel)
      if kernel.timeData.hasMaps(of: published) { (self.kernel, clock) = (kernel, last) }
    }
    kernel.takeOver(file.page)
    file.hostPage?.repair()
    publishOnHostPage()
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

  /// Publishes a new state of the same time, if there is one: a clock that steps is in none.
  func refresh() {
    guard clock.steppedClocks.isEmpty else { return kernel.tick() }
    kernel.refresh(file.page)
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
