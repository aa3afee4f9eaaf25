// SPDX-License-Identifier: Apache-2.0

import CLinux
import ExecEngine
import Glibc
import ProcessSupport
import TimePages

/// A process whose threads this process traces and has stopped, some of them or all.
///
/// If this process ends, the kernel releases the threads that are still stopped.
final class StoppedProcess {
  private enum State {
    case running
    /// Stopped, with the signal that is about to be delivered, or 0.
    case stopped(Int32)
    /// In a system call that no signal interrupts. The thread stops when the call has ended, before it executes any of the program's code.
    case uninterruptible
  }

  /// The nanoseconds that a thread may take to stop, and those after which it is checked why it doesn't.
  private static let patience: Int64 = 2_000_000_000
  private static let suspicion: Int64 = 5_000_000

  let process: Int32
  private let suspendsFilters: Bool
  private var states: [Int32: State] = [:]
  /// Whether the process is in a group stop, as after SIGSTOP: then it stays stopped when its threads are released.
  private(set) var isInGroupStop = false
  /// The time at which the stop of all threads began.
  private var start: Int64?

  init(_ process: Int32, suspendsFilters: Bool) {
    self.process = process
    self.suspendsFilters = suspendsFilters
  }

  /// The number of its threads that were stopped.
  var threadCount: Int { states.count }

  /// For how many nanoseconds all threads have been stopped, or have been about to.
  var duration: Int64 { start.map { HostClock.uptime - $0 } ?? 0 }

  /// The threads that have stopped.
  var stopped: [TracedTask] {
    states.compactMap { id, state in if case .stopped = state { TracedTask(id: id) } else { nil } }
  }

  /// Whether a child by vfork uses the memory of the stopped process: it isn't stopped.
  var lendsMemory: Bool {
    states.contains { id, state in
      if case .uninterruptible = state { linux_lends_memory(process, id) } else { false }
    }
  }

  /// The error if it doesn't stop because it waits for such a child.
  static func lendsMemory(_ process: Int32) -> AttachError {
    AttachError("process \(process) lends its memory to a child (vfork): try again when that has ended")
  }

  /// Stops one thread that can execute injected calls: one that is in no restartable sequence, which the kernel would not end.
  func stopForCalls() throws(AttachError) -> TracedTask {
    while true {
      let task = try stopOne()
      guard !linux_dispatches_calls(task.id) else {
        throw AttachError(
          "process \(process) has its system calls dispatched to a signal handler of its own (PR_SET_SYSCALL_USER_DISPATCH), which would get demo-loader's calls, too: start it with demo-loader instead"
        )
      }
      guard RestartableSequence.isActive(in: task) else { return task }
      states[task.id] = .running
      try attempt { () throws(SystemError) in
        try task.resume()
        try task.interrupt()
      }
    }
  }

  /// Stops one thread, the first one if possible, in which no signal is about to be delivered.
  private func stopOne() throws(AttachError) -> TracedTask {
    let start = HostClock.uptime
    while true {
      if let task = try stopAny() { return task }
      guard !states.isEmpty else { throw AttachError("process \(process) has ended") }
      guard HostClock.uptime - start < Self.patience else {
        guard !lendsMemory else { throw Self.lendsMemory(process) }
        throw AttachError(
          "no thread of process \(process) can be stopped: try again when it is not waiting for a device, or thaw its control group"
        )
      }
      // A thread that waits for the child of its vfork stops when the child has executed a program.
      HostClock.sleep(nanoseconds: 200_000)
      for id in states.keys { if case .uninterruptible? = states[id] { _ = collect(id) } }
    }
  }

  private func stopAny() throws(AttachError) -> TracedTask? {
    let ids = threads()
    for id in [process] + ids.filter({ $0 != process }) where ids.contains(id) {
      if states[id] == nil { guard try seize(id) else { continue } }
      let task = TracedTask(id: id)
      for _ in 0..<100 {
        try waitForStops()
        guard case .stopped(let signal)? = states[id] else { break }
        if signal == 0 { return task }
        states[id] = .running
        try attempt { () throws(SystemError) in
          try task.resume(delivering: signal)
          try task.interrupt()
        }
      }
    }
    return nil
  }

  /// Stops all threads. When this returns, no thread executes any of the program's code.
  func stopAll() throws(AttachError) {
    start = start ?? HostClock.uptime
    while true {
      let new = threads().filter { states[$0] == nil }
      var isDone = true
      for id in new where try seize(id) { isDone = false }
      try waitForStops()
      if isDone { return }
    }
  }

  /// Tells all threads to stop, without waiting until they have; false if none does.
  func hold() -> Bool {
    for id in threads() where states[id] == nil { _ = try? seize(id) }
    return !states.isEmpty
  }

  /// Lets one of the threads run for a while, also if their process is in a group stop, and stops it again.
  ///
  /// It runs without this process's priority: with that, it would not give the processor back. Returns the uptime at which it was told to
  /// stop.
  @discardableResult
  func run(_ task: TracedTask, nanoseconds: UInt64) throws(AttachError) -> Int64 {
    guard case .stopped(let signal)? = states[task.id] else { return HostClock.uptime }
    states[task.id] = .running
    try attempt { () throws(SystemError) in try task.resume(delivering: signal) }
    HostClock.sleep(nanoseconds: nanoseconds)
    // If this fails, the thread has ended or stopped already.
    try? task.interrupt()
    let end = HostClock.uptime
    try waitForStops()
    return end
  }

  /// Releases all threads, or all but one, each with its signal.
  func release(butNot kept: TracedTask? = nil) {
    for id in states.keys where id != kept?.id {
      if case .uninterruptible? = states[id] { _ = collect(id) }
      if case .stopped(let signal)? = states[id] {
        TracedTask(id: id).detach(delivering: signal)
        states[id] = nil
      }
    }
    start = nil
  }

  /// Lets threads go that `release` didn't: those that had not stopped, and one that has executed a program, which then has the first
  /// thread's number.
  func letGo() {
    states = [:]
    for id in threads() where TaskStatus(of: id)?.tracer == getpid() {
      states[id] = .running
      try? TracedTask(id: id).interrupt()
    }
    try? waitForStops()
    release()
  }

  /// How often, and how many nanoseconds apart, a supervisor is asked not to trace a thread.
  private static let requests = 400
  private static let requestPause: UInt64 = 5_000_000

  /// Starts to trace a thread and to stop it; false if it has ended.
  private func seize(_ id: Int32) throws(AttachError) -> Bool {
    let task = TracedTask(id: id)
    var refusals = 0
    for _ in 0..<Self.requests {
      do throws(SystemError) {
        try task.seizeForCalls(suspendsFilters: suspendsFilters)
        try task.interrupt()
        states[id] = .running
        return true
      } catch {
        // The thread doesn't exist (ESRCH), or has ended and was not waited for.
        if error.errno == .noSuchProcess || ProcessFiles.hasEnded(id) { return false }
        let tracer = TaskStatus(of: id)?.tracer ?? 0
        // One that traced it may have let it go in between.
        if tracer == 0 { refusals += 1 }
        let isAsked =
          tracer != 0 && ProcessExtent.isSupervisor(tracer)
          && linux_ask_to_leave(tracer, process)
        guard error.errno == .notPermitted, isAsked || (tracer == 0 && refusals < 3) else {
          throw tracer == 0 ? AttachError(error) : AttachTarget.isTraced(process, by: tracer)
        }
        HostClock.sleep(nanoseconds: Self.requestPause)
      }
    }
    throw AttachError("the supervisor of process \(process) does not stop tracing its thread \(id): try again")
  }

  private func waitForStops() throws(AttachError) {
    let start = HostClock.uptime
    while true {
      let running = states.filter { if case .running = $0.value { true } else { false } }.map { $0.key }
      if running.isEmpty { return }
      var isNew = false
      for id in running where collect(id) || (Urgency.lend(to: id) && collect(id)) { isNew = true }
      guard !isNew else { continue }
      HostClock.sleep(nanoseconds: 10_000)
      let waited = HostClock.uptime - start
      guard waited > Self.suspicion else { continue }
      for id in running where ProcessFiles.state(of: id) == UInt8(ascii: "D") { states[id] = .uninterruptible }
      guard waited < Self.patience else {
        throw AttachError("thread \(running[0]) of process \(process) does not stop: try again")
      }
    }
  }

  /// Updates the state of a thread; false if it hasn't changed.
  private func collect(_ id: Int32) -> Bool {
    var status: Int32 = 0
    let result = retryingLibc { Int(unsafe waitpid(id, &status, WNOHANG | Int32(LINUX_WAIT_ALL))) }
    guard result != 0 else { return false }
    note(result < 0 ? nil : status, of: id)
    return true
  }

  /// Updates the state of a thread by the result of a wait; nil if this process no longer traces it.
  private func note(_ status: Int32?, of id: Int32) {
    switch status.map(StopStatus.init(waitStatus:)) ?? .ended {
    case .ended: states[id] = nil
    case .signal(let number): states[id] = .stopped(number)
    case let stop:
      if stop == .groupStop { isInGroupStop = true }
      states[id] = .stopped(0)
      // This is done at once, because the end of this process may release the thread at any moment.
      let task = TracedTask(id: id)
      if var registers = try? task.registers(), unsafe linux_resume_ended_call(&registers) {
        try? task.setRegisters(registers)
      }
    }
  }

  private func threads() -> [Int32] { unsafe idList { unsafe linux_threads_of(process, $0, $1) } }
}
