// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
import ExecEngine
import TimePages
import VDSOResolver

extension AttachedProcess {
  /// How often threads may run on to leave the pages, and for how long at first and at most, in nanoseconds.
  private static let attempts = 600
  private static let (firstPause, lastPause): (UInt64, UInt64) = (500_000, 100_000_000)
  /// Of so many threads each gets a processor soon after its release.
  private static let few = 16
  /// For how long one thread runs alone, and for how long all others wait for such threads, in nanoseconds.
  private static let (step, longestRun): (UInt64, Int64) = (20_000, 6_000_000)
  /// The most that a clock function of the kernel's puts on the stack.
  private static let frameSize = 512

  /// Gives a process the kernel's functions back, and unmaps the pages.
  ///
  /// The functions are restored first; a thread that is in the pages leaves them afterwards. If a thread stays in them, in a signal handler
  /// that interrupted a reading, the pages stay mapped, and this throws.
  public mutating func detach() throws(AttachError) {
    let status = TaskStatus(of: process)
    let hasFilters = status.map { hasOtherFilters($0) } ?? false
    guard let site = CallSite(image), !hasFilters || !TaskStatus.mayNotSuspendFilters
    else {
      throw AttachError(
        "process \(process) has seccomp filters: run demo-loader with CAP_SYS_ADMIN and under no filter")
    }
    let patch = FunctionPatch(restoring: record, ProcessMemory(pid: process))
    let returns = ReturnAddresses(
      of: ProcessMemory(pid: process).bytes(at: header, count: Int(VDSO_PAGE_SIZE)), at: header)
    var progress = Progress()
    for attempt in 0..<Self.attempts where !progress.isDone {
      if attempt > 0 { HostClock.sleep(nanoseconds: min(Self.firstPause << UInt64(attempt / 8), Self.lastPause)) }
      progress = try Tracer.run { [self, progress] () throws(AttachError) in
        try leave(progress, patch, returns, suspendsFilters: hasFilters)
      }
    }
    (threadCount, stopTime) = (progress.threadCount, progress.stopTime)
    guard progress.isRestored else {
      throw AttachError("process \(process) lends its memory to a child (vfork): detach it when that has ended")
    }
    guard progress.isDone else {
      throw AttachError(
        "the vDSO functions of process \(process) are restored, but the pages stay mapped, because one of its threads, or a signal handler that interrupted it, may return to them: detach it again later"
      )
    }
    // From here on no thread returns to the pages.
    remainingSupervisor = try Tracer.run { [self] () throws(AttachError) in
      let threads = StoppedProcess(process, suspendsFilters: hasFilters)
      let placement = PagePlacement(
        process: process, task: try threads.stopForCalls(), base: pages.lowerBound,
        code: [UInt8](repeating: 0, count: Int(code.upperBound - code.lowerBound)), site: site)
      var supervisor: Int32?
      // First also while the pages are there: if this process is killed in between, the supervisor offers the filter.
      try placement.remove { calls throws(AttachError) in
        if hasSessionsFilter, !hasFilters { supervisor = try leaveSession(calls) }
      }
      return supervisor
    }
  }

  /// How far detaching has got.
  private struct Progress {
    var isRestored = false
    /// The threads that were seen outside the pages since then: they have no way back.
    var left: Set<Int32> = []
    /// Whether all threads were.
    var isDone = false
    var threadCount = 0
    /// The longest stop, in nanoseconds.
    var stopTime: Int64 = 0
  }

  /// Stops all threads, restores the functions, and looks which threads are outside the pages.
  ///
  /// Of many threads, those that are in the pages run on, one after the other and each alone, until they have left them, or until all have been
  /// stopped for long.
  private func leave(
    _ earlier: Progress, _ patch: FunctionPatch, _ returns: ReturnAddresses, suspendsFilters: Bool
  ) throws(AttachError) -> Progress {
    var progress = earlier
    let threads = StoppedProcess(process, suspendsFilters: suspendsFilters)
    try threads.stopAll()
    guard !threads.lendsMemory else { return progress }
    if !progress.isRestored {
      try patch.apply(to: process)
      progress.isRestored = true
    }
    var staying = staying(among: threads.stopped, but: &progress.left, returns)
    let isPatient = threads.isInGroupStop
    let end = threads.duration + Self.longestRun
    let runsAlone = isPatient || threads.threadCount > Self.few
    for _ in 0..<Self.attempts where runsAlone && !staying.isEmpty && (isPatient || threads.duration < end) {
      let count = staying.count
      for task in staying where isPatient || threads.duration < end {
        try threads.run(task, nanoseconds: isPatient ? Self.firstPause : Self.step)
      }
      staying = self.staying(among: threads.stopped, but: &progress.left, returns)
      // Released threads of a group stop would not leave the pages. Others that stay are in a signal handler, or in a call.
      guard isPatient || staying.count < count else { break }
    }
    progress.isDone = staying.isEmpty
    progress.threadCount = threads.threadCount
    progress.stopTime = max(progress.stopTime, threads.duration)
    return progress
  }

  /// Whether its system calls pass filters that aren't the session's, which might end it for calls of ours.
  private func hasOtherFilters(_ status: TaskStatus) -> Bool {
    guard status.isFiltered else { return false }
    guard let count = status.filterCount else { return true }
    return record.otherFilters > 0 || count > (record.hasSessionsFilter ? 1 : 0)
  }

  /// Tells the supervisor that the process has left the session's page; returns its number, nil if there is none.
  private func leaveSession(_ calls: CallInjector) throws(AttachError) -> Int32? {
    let answer = try calls.call(calls.numbers.execve, 0, SessionRequest.mark, SessionRequest.detachedSubject)
    return answer > 0 ? Int32(clamping: answer) : nil
  }

  /// The stopped threads that may return to the pages. The others are added to `left`, whose threads aren't examined any more.
  private func staying(among threads: [TracedTask], but left: inout Set<Int32>, _ returns: ReturnAddresses)
    -> [TracedTask]
  {
    for task in threads where !left.contains(task.id) && leavePages(task, returns) { left.insert(task.id) }
    return threads.filter { !left.contains($0.id) }
  }

  /// Whether a stopped thread doesn't return to the pages, or could be changed so that it doesn't. A thread that is in the pages leaves them
  /// when it runs on. It isn't stepped out of them instruction by instruction, because the trap would kill it if this process were killed.
  private func leavePages(_ task: TracedTask, _ returns: ReturnAddresses) -> Bool {
    guard var registers = try? task.registers() else { return true }
    if let place = unsafe restored(linux_program_counter(&registers)) {
      unsafe linux_set_program_counter(&registers, place)
      try? task.setRegisters(registers)
    }
    if isInPages(registers, returns) { return false }
    let kernels = image.address..<image.address + UInt64(VDSO_PAGE_SIZE) * 16
    let both = min(code.lowerBound, kernels.lowerBound)..<max(code.upperBound, kernels.upperBound)
    for context in SavedContexts.above(registers.stackPointer, in: both, of: process, image.width) {
      let isInPages = code.contains(context.program_counter)
      guard isInPages || kernels.contains(context.program_counter) else { continue }
      guard !returnsToPages(context.stack_pointer, returns) else { return false }
      guard isInPages else { continue }
      guard let place = restored(context.program_counter) else { return false }
      rewrite(context, to: place)
    }
    return true
  }

  /// Whether a thread with these registers is in the code page, or in code that the page has called.
  private func isInPages(_ registers: linux_registers, _ returns: ReturnAddresses) -> Bool {
    var registers = registers
    let position = unsafe linux_program_counter(&registers)
    if position >= header, position < header + Self.stride { return true }
    let isKernels = position >= image.address && position < image.address + UInt64(VDSO_PAGE_SIZE) * 16
    return (isKernels || code.contains(position)) && returnsToPages(registers.stackPointer, returns)
  }

  /// Whether a word of the stack may be a return to the pages, from a function of the kernel's that they have called.
  func returnsToPages(_ stackPointer: UInt64, _ returns: ReturnAddresses) -> Bool {
    let start = stackPointer & ~UInt64(image.width.wordSize - 1)
    let frames = ProcessMemory(pid: process).bytes(at: start, count: Self.frameSize)
    return returns.occur(in: frames, image.width)
  }

  private func restored(_ position: UInt64) -> UInt64? {
    code.contains(position) ? record.functions.lazy.compactMap { $0.restored(position) }.first : nil
  }
}
