// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
import ExecEngine
import ProcessSupport
import SimulatedKernel
import TimePages
import VDSOResolver

/// The attaching to one process, step by step.
final class Attaching {
  /// How often, and how many nanoseconds apart, it is tried to stop a process when no child uses its memory.
  private static let attempts = 500
  private static let pause: UInt64 = 2_000_000
  /// For how many nanoseconds a thread runs alone at first, how often that is doubled, and for how many all are let out at most.
  private static let firstRun: UInt64 = 20_000
  private static let doublings = 5
  private static let patience: Int64 = 2_000_000_000

  let target: AttachTarget
  let threads: StoppedProcess
  private(set) var result: AttachedProcess
  private let base: UInt64
  /// The code page and the record.
  private let code: [UInt8]
  private let patch: FunctionPatch
  private let clockCode: ClockCode
  private let returns: ReturnAddresses
  private var pages: PagePlacement?
  private var isChanged = false
  private var filter: FilterInstallation.Pending?

  /// Plans it, and touches nothing. The process may be `held`.
  init(
    _ target: AttachTarget, _ supply: PageProvider, _ held: HeldProcess? = nil
  ) throws(AttachError) {
    let (process, image, stride) = (target.process, target.image, AttachedProcess.stride)
    guard let base = target.map.gap(of: 4 * stride, near: image.address, image.width) else {
      throw AttachError("process \(process) has no free addresses within 2 GiB of its vDSO")
    }
    let header = base + 2 * stride
    var record = try AttachedProcess.record(of: image, in: target.memory, at: header + stride)
    record.otherFilters = target.filterCount.map { UInt64($0) } ?? 0
    record.hasSessionsFilter = target.hasSessionsFilter
    var host = HostEntryPoints(image)
    func moved(_ function: VDSOFunction) -> UInt64 {
      record.functions.first { $0.address == image.resolve(function).address }?.moved ?? 0
    }
    host.clockGettime = moved(image.width == .bits64 ? .clockGettime : .clockGettime64)
    (host.clockGetres, host.time) = (moved(.clockGetres), moved(.time))
    guard case .code(let code)? = supply.image(image.object.header.machine, host), code.count == Int(VDSO_PAGE_SIZE),
      let object = try? SharedObject(memory: code), let ours = try? VDSOImage(object, mappedAt: header)
    else { throw AttachError("the session has no page for the architecture of process \(process)") }
    let gapBytes = [UInt8](repeating: 0xcc, count: Int(stride) - code.count)
    self.code = code + gapBytes + record.bytes(at: header + stride)
    patch = try FunctionPatch(image, record, target.memory) { ours.resolve($0).address }
    (self.target, self.base) = (target, base)
    clockCode = ClockCode(image, record, header + stride..<header + 2 * stride)
    returns = ReturnAddresses(of: code, at: header)
    threads = (target.hasFilters ? nil : held?.threads) ?? StoppedProcess(process, suspendsFilters: target.hasFilters)
    result = AttachedProcess(process: process, header: header, image: image, record: record)
  }

  /// Maps the pages by a thread that stops for it, and stays so.
  func place(_ supply: PageProvider) throws(AttachError) {
    let pages = PagePlacement(
      process: target.process, task: try threads.stopForCalls(), base: base, code: code, site: target.site)
    try pages.place(supply, isElsewhere: supply.hasHostPage && !linux_shares_time_namespace(target.process))
    self.pages = pages
  }

  /// Stops all threads, at a time when no child by vfork uses their memory.
  func stop() throws(AttachError) {
    for _ in 0..<Self.attempts {
      try threads.stopAll()
      guard threads.lendsMemory else {
        result.threadCount = threads.threadCount
        return
      }
      threads.release(butNot: pages?.task)
      HostClock.sleep(nanoseconds: Self.pause)
    }
    throw StoppedProcess.lendsMemory(target.process)
  }

  /// Whether there is no process any more, once it has been stopped.
  var isGone: Bool { threads.threadCount == 0 }

  /// Changes the functions, while all threads are stopped.
  func change() throws(AttachError) {
    for task in threads.stopped { result.leaveFunctions(task) }
    isChanged = true
    try patch.apply(to: target.process)
  }

  /// Lets threads that are in a clock function of the kernel's leave it, one after the other, once the functions are changed.
  ///
  /// They may go on to read the page, whose clocks stand meanwhile ahead of what they have read. A thread in a signal handler that
  /// interrupted such a function stays.
  func endReadings(_ page: PageStart) throws(AttachError) {
    let end = HostClock.uptime + Self.patience
    var outside: Set<Int32> = []
    for attempt in 0... {
      var reading: [TracedTask] = []
      for task in threads.stopped where !outside.contains(task.id) {
        if isReading(task) { reading.append(task) } else { outside.insert(task.id) }
      }
      guard !reading.isEmpty else { return }
      guard HostClock.uptime < end else {
        throw AttachError("a thread of process \(target.process) stays in a clock function of the kernel's: try again")
      }
      for task in reading {
        try page.stand()
        let last = try threads.run(task, nanoseconds: Self.firstRun << UInt64(min(attempt, Self.doublings)))
        if !page.stands(at: last) { result.mayHaveGoneBack = true }
      }
      // They may have started others.
      try threads.stopAll()
    }
  }

  /// Whether a stopped thread would go on to end a reading that it began before the functions were changed.
  private func isReading(_ task: TracedTask) -> Bool {
    guard var registers = try? task.registers() else { return false }
    let position = unsafe linux_program_counter(&registers)
    guard clockCode.contains(position) else { return false }
    return !result.returnsToPages(registers.stackPointer, returns)
  }

  /// Installs the filter in all threads, which have stopped. Returns its listening end, owned by the caller; the calls that pass
  /// it wait from then on.
  func install(_ filter: FilterInstallation) -> Int32? {
    do throws(AttachError) {
      guard target.mayFilterCalls || filter.mayTakeRights else { throw AttachError(FilterInstallation.takesRights) }
      guard target.filterCount != nil || !target.hasFilters else { throw AttachError("its filters can't be counted") }
      try result.markFilter(true)
      let scratch =
        result.pages.lowerBound + AttachedProcess.stride + UInt64(VDSO_PAGE_SIZE)
        - UInt64(FilterInstallation.scratchSize)
      let pending = try filter.begin(
        by: try threads.stopForCalls(), of: target.process, target.site, scratch: scratch,
        givesUpRights: !target.mayFilterCalls)
      self.filter = pending
      return pending.listener
    } catch {
      try? result.markFilter(false)
      result.filterFailure = error.description
      return nil
    }
  }

  /// Has the thread that has installed the filter be as it was, without the listening end.
  func finishFilter() {
    filter?.finish()
    filter = nil
  }

  /// Ends the last calls. The threads are stopped until this process ends.
  func finish() {
    finishFilter()
    result.stopTime = threads.duration
  }

  /// Puts everything back, but for the filter.
  func undo() {
    finishFilter()
    if isChanged {
      threads.release()
      try? result.detach()
    } else {
      try? pages?.remove()
      threads.release()
    }
    threads.letGo()
  }
}
