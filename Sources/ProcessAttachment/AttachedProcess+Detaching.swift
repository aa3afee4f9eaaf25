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
    var isRestored = false
    // A thread that was seen outside the pages since then has no way back. It must not be outside in each later look, too: what an earlier
    // call has left on its stack can look like a return to the pages.
    var left: Set<Int32> = []
    for attempt in 0..<Self.attempts {
      if attempt > 0 { HostClock.sleep(nanoseconds: min(Self.firstPause << UInt64(attempt / 8), Self.lastPause)) }
      Urgency.begin()
      defer { Urgency.end() }
      let threads = StoppedProcess(process, suspendsFilters: hasFilters)
      defer { threads.release() }
      try threads.stopAll()
      guard !threads.lendsMemory else { continue }
      if !isRestored {
        try patch.apply(to: process)
        isRestored = true
      }
      var staying = staying(among: threads.stopped, but: &left)
      // Released threads would not leave the pages.
      for _ in 0..<Self.attempts where threads.isInGroupStop && !staying.isEmpty {
        try threads.run(staying, nanoseconds: Self.firstPause)
        staying = self.staying(among: threads.stopped, but: &left)
      }
      guard staying.isEmpty else {
        threads.release()
        stopTime = max(stopTime, threads.stopTime)
        continue
      }
      threadCount = threads.threadCount
      // From here on no thread returns to the pages.
      let task = try threads.stopForCalls()
      threads.release(butNot: task)
      stopTime = max(stopTime, threads.stopTime)
      let placement = PagePlacement(
        process: process, task: task, base: pages.lowerBound,
        code: [UInt8](repeating: 0, count: Int(code.upperBound - code.lowerBound)), site: site)
      // First also while the pages are there: if this process is killed in between, the supervisor offers the filter.
      try placement.remove { calls throws(AttachError) in
        if hasSessionsFilter, !hasFilters { remainingSupervisor = try leaveSession(calls) }
      }
      return
    }
    guard isRestored else {
      throw AttachError("process \(process) lends its memory to a child (vfork): detach it when that has ended")
    }
    throw AttachError(
      "the vDSO functions of process \(process) are restored, but the pages stay mapped, because one of its threads, or a signal handler that interrupted it, may return to them: detach it again later"
    )
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
  private func staying(among threads: [TracedTask], but left: inout Set<Int32>) -> [TracedTask] {
    for task in threads where !left.contains(task.id) && leavePages(task) { left.insert(task.id) }
    return threads.filter { !left.contains($0.id) }
  }

  /// Whether a stopped thread doesn't return to the pages, or could be changed so that it doesn't. A thread that is in the pages leaves them
  /// when it runs on. It isn't stepped out of them instruction by instruction, because the trap would kill it if this process were killed.
  private func leavePages(_ task: TracedTask) -> Bool {
    guard var registers = try? task.registers() else { return true }
    if let place = unsafe restored(linux_program_counter(&registers)) {
      unsafe linux_set_program_counter(&registers, place)
      try? task.setRegisters(registers)
    }
    if isInPages(registers) { return false }
    let kernels = image.address..<image.address + UInt64(VDSO_PAGE_SIZE) * 16
    let both = min(code.lowerBound, kernels.lowerBound)..<max(code.upperBound, kernels.upperBound)
    for context in SavedContexts.above(registers.stackPointer, in: both, of: process, image.width) {
      let isInPages = code.contains(context.program_counter)
      guard isInPages || kernels.contains(context.program_counter) else { continue }
      guard !returnsToPages(context.stack_pointer) else { return false }
      guard isInPages else { continue }
      guard let place = restored(context.program_counter) else { return false }
      rewrite(context, to: place)
    }
    return true
  }

  /// Whether a thread with these registers is in the code page, or in code that the page has called.
  private func isInPages(_ registers: linux_registers) -> Bool {
    var registers = registers
    let position = unsafe linux_program_counter(&registers)
    if position >= header, position < header + Self.stride { return true }
    let isKernels = position >= image.address && position < image.address + UInt64(VDSO_PAGE_SIZE) * 16
    return (isKernels || code.contains(position)) && returnsToPages(registers.stackPointer)
  }

  private func returnsToPages(_ stackPointer: UInt64) -> Bool {
    linux_has_word_in_range(
      process, image.width == .bits32, stackPointer, Self.frameSize, header, header + Self.stride)
  }

  private func restored(_ position: UInt64) -> UInt64? {
    code.contains(position) ? record.functions.lazy.compactMap { $0.restored(position) }.first : nil
  }
}
