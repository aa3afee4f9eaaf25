// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
import ProcessSupport
import SimulatedKernel
import TimePages
import VDSOResolver

/// The injection of pages into one task, between its execve and its first instruction.
///
/// It proceeds by stops of the traced task, which the supervisor passes to `advance`. At the end of execve the task gets a list of steps.
/// It finishes the list and starts its program, even if it is no longer traced. After any error it continues unchanged, on the kernel's
/// page.
struct PageInjection {
  enum Outcome {
    /// The program was not executed, or the task is gone or no longer visible.
    case nothing
    /// The program's vDSO is at `header`; 0 if its vDSO was removed.
    case given(header: UInt64, code: [UInt8]?, InitialStackView)
    /// The program keeps the kernel's image.
    case left(String)
  }

  enum Phase {
    /// The task is in execve, or its execve has failed.
    case executing
    /// The task works through its list.
    case placing
  }

  /// The thread that called execve.
  let thread: TracedTask
  /// The same task once execve has succeeded: the first thread of its process.
  let task: TracedTask
  /// How the task gets the time page if it has no filters besides the session's.
  private let source: InjectionPlan.TimePageSource
  /// The number of filters of the session's tasks, if they may get more of their own.
  private let sessionsFilters: Int?
  /// Pipes and sockets whose closing other processes wait for, kept open while the task is traced.
  private var connections: ClosingConnections?
  /// Whether it is the process that has started the session. Its execve closes nothing that other processes wait for.
  let isFirst: Bool
  /// Whether it is traced until it has its page: the session's user reads of its first program in any case, and a session that ends when
  /// no process has its page must not end before this one has it.
  private let isWatchedAlways: Bool
  /// A child of the task, which the task waits for before it continues, or 0.
  private let child: Int32
  private(set) var phase = Phase.executing
  private var isInterrupted = false
  /// By the uptime in nanoseconds, when the task is to be interrupted if it is still in execve as far as is known.
  private var interruption: Int64 = .max
  /// The program's initial stack, from the end of execve on.
  private(set) var start: InitialStackView?
  /// The program's code page, and the steps that the task was given.
  private var given: (choice: CodeChoice, plan: InjectionPlan)?
  /// The registers and signal mask with which the task starts, if it can't continue from its list by itself because its filters are
  /// suspended.
  private var suspended: (registers: linux_registers, mask: UInt64)?

  init(
    thread: Int32, process: Int32, _ source: InjectionPlan.TimePageSource, sessionsFilters: Int?,
    isFirst: Bool = false, isWatchedAlways: Bool = false, reaping child: Int32 = 0
  ) {
    self.isFirst = isFirst
    self.isWatchedAlways = isWatchedAlways
    self.child = child
    self.thread = TracedTask(id: thread)
    task = TracedTask(id: process)
    self.source = source
    self.sessionsFilters = sessionsFilters
  }

  /// Takes the next step at a stop of the task. Returns the outcome when the injection is over and the task must be released.
  mutating func advance(_ stop: StopStatus, _ supply: PageProvider, _ host: inout HostImages) -> Outcome? {
    do throws(SystemError) {
      return try step(stop, supply, &host)
    } catch {
      // A task that works through its list finishes it, whether it is observed or not.
      return phase == .placing ? .nothing : .left("\(error)")
    }
  }

  private mutating func step(
    _ stop: StopStatus, _ supply: PageProvider, _ host: inout HostImages
  ) throws(SystemError) -> Outcome? {
    switch (phase, stop) {
    case (_, .ended): return .nothing
    case (.executing, .groupStop): try thread.stayStopped()
    case (_, .groupStop): try task.stayStopped()
    case (_, .exec): return try begin(supply, &host)
    case (.executing, .interrupted):
      if isInterrupted { return .nothing }
      try thread.resume()
    case (.executing, .signal(let number)): try thread.resume(delivering: number)
    case (_, .interrupted), (_, .call): try task.resume()
    case (_, .signal(let number)):
      if number == InjectionPlan.stopSignal {
        if let outcome = try finish() { return outcome }
        try passTimePage(supply)
      }
      try task.resume(delivering: number)
    }
    return nil
  }

  /// The task is inside an execve that has succeeded. The end of execve changes no register any more except the one for results.
  private mutating func begin(_ supply: PageProvider, _ host: inout HostImages) throws(SystemError) -> Outcome? {
    let registers = try task.registers()
    let width: ELFClass = registers.is32Bit ? .bits32 : .bits64
    let memory = ProcessMemory(pid: task.id)
    let start = try InitialStackView(memory, stackPointer: registers.stackPointer, width)
    self.start = start
    // The program runs with other rights than the process that executed it. It is left alone, because this process may have more rights.
    guard start.vector[.secure] ?? 0 == 0 else { return .left("it runs with the rights of another user or group") }
    if let random = supply.random, let address = start.vector[.random] { try memory.write(random, at: address) }
    guard let header = start.vector[.vdso], let kernel = host.image(at: header, in: memory, width) else {
      throw SystemError("find the kernel's vDSO", errno: .noSuchFileOrDirectory)
    }
    guard let choice = try CodeChoice(supply, &host, kernel, in: task.id, start) else {
      return .left("the session has no page for its architecture")
    }
    let code = CallTrampoline.bytes(width)
    guard let place = kernel.unusedBytes(code.count) else {
      return .left("the kernel's vDSO has no space for the code that maps the page")
    }
    let mask = try task.signalMask()
    let mayCall = !task.hasFilters(beyond: sessionsFilters)
    if !mayCall {
      do throws(SystemError) {
        try task.suspendFilters()
      } catch {
        return .left(Self.sandboxed)
      }
      suspended = (registers.atProgramsStart, mask)
    }
    let isWatched =
      !mayCall || choice.base == nil || source != .request || isWatchedAlways || supply.confirmsPages
      || connections?.areClosed(in: task.id) == true
    let plan = InjectionPlan(
      choice.code, mayCall ? source : .socket, session: supply.session,
      pageIndex: supply.hasHostPage && !linux_shares_time_namespace(task.id) ? 1 : 0, seals: supply.seals, start,
      MemoryBounds(stat: SmallFile.record("/proc/\(task.id)/stat")),
      report: isWatched ? .stop : .request(Self.unusedDescriptor(of: task)), mask: mask,
      base: choice.base, reaping: child,
      isToldOfChild: child != 0 && InjectionPlan.blocksChildSignal(mask)
        && !TaskStatus.isChildSignalPending(in: task.id))
    let list = plan.list
    let end = CallTrampoline.end(registers, mask: mask, at: list.address + UInt64(list.bytes.count))
    try write(plan.data.bytes + list.bytes + end, at: plan.data.address, in: memory)
    // The write goes to the task's own copy of that page.
    try task.overwrite(code, at: place)
    given = (choice, plan)
    // This is the decisive step: before it the program would start on the kernel's page, and after it the program follows its list.
    try task.setRegisters(registers.working(through: plan.list.address, by: place))
    phase = .placing
    guard isWatched else {
      guard plan.base != nil, let base = choice.base else { return .nothing }
      return .given(header: InjectionPlan.header(base: base), code: choice.bytes, start)
    }
    try task.resume()
    return nil
  }

  private static func unusedDescriptor(of task: TracedTask) -> Int32? {
    let number = linux_free_descriptor(task.id)
    return number < 0 ? nil : number
  }

  /// Writes below the stack pointer. Many arguments and variables leave no space in the stack that the kernel has made; since Linux 6.5
  /// only a write by the tracing calls makes it larger.
  private func write(_ bytes: [UInt8], at address: UInt64, in memory: ProcessMemory) throws(SystemError) {
    do throws(SystemError) {
      try memory.write(bytes, at: address)
    } catch {
      do throws(SystemError) {
        try task.overwrite(Array(bytes.prefix(8)), at: address)
      } catch {
        throw SystemError("find \(bytes.count) bytes on its stack, which ulimit -s limits", errno: error.errno)
      }
      try memory.write(bytes, at: address)
    }
  }

  private static let sandboxed =
    "it has a seccomp filter of its own, which might kill it for the calls that map the page; only a session with CAP_SYS_ADMIN can suspend the filter"

  /// Sends the time page if the task has stopped for it; the signal of the stop is discarded.
  private func passTimePage(_ supply: PageProvider) throws(SystemError) {
    guard let plan = given?.plan, let passing = plan.passing,
      plan.list.isMaking(passing.stop, at: try task.registers().listPosition)
    else { return }
    supply.withTimePageForProgram { passing.way.send($0, to: task.id, ProcessMemory(pid: task.id)) }
  }

  /// Checks the results of the calls when the task is at the end of its list.
  private func finish() throws(SystemError) -> Outcome? {
    guard let (choice, plan) = given, let start,
      plan.list.isMaking(plan.lastCall, at: try task.registers().listPosition)
    else { return nil }
    let list = plan.list
    if let suspended {
      try task.setSignalMask(suspended.mask)
      try task.setRegisters(suspended.registers)
    }
    let bytes = try ProcessMemory(pid: task.id).read(list.bytes.count, at: list.address)
    for result in list.results where result.isEssential {
      let error = list.value(of: result, in: bytes)
      // Calls in place of others are made only if those have failed.
      guard error < 0, error != InjectedCalls.notMade else { continue }
      return .left("\(SystemError("place the pages in the program", errno: Errno(result: error)))")
    }
    guard let base = plan.base else { return .given(header: 0, code: nil, start) }
    let header = InjectionPlan.header(base: UInt64(bitPattern: list.value(of: base, in: bytes)))
    if case .own(let code) = choice.code { showInCores(code, at: header) }
    return .given(header: header, code: choice.bytes, start)
  }

  /// Makes core dumps include more than the first page: the kernel dumps a page of a file's private mapping only if it was written. If this
  /// fails, the program starts nevertheless.
  private func showInCores(_ code: [UInt8], at header: UInt64) {
    let second = Int(VDSO_PAGE_SIZE)
    guard code.count >= second + 8 else { return }
    try? task.overwrite(Array(code[second..<second + 8]), at: header + UInt64(second))
  }

  /// Nanoseconds that an execve may take. One that fails is reported by no event, and the thread may soon try another file.
  private static let timeOfExecve: Int64 = 10_000_000

  /// Notes that the thread's execve begins. `connections` are those that it may close.
  mutating func begin(_ connections: ClosingConnections?) {
    self.connections?.close()
    self.connections = connections
    interruption = HostClock.uptime + Self.timeOfExecve
  }

  /// Whether the thread runs although it is not known what became of its execve: it may have failed.
  var isOpen: Bool { phase == .executing && interruption != .max }
  /// The same, as long as the thread is not interrupted for that.
  var awaitsInterruption: Bool { isOpen && !isInterrupted }

  /// Makes the thread stop at the end of execve, or later if execve has failed, if that is due at a time.
  mutating func interrupt(at time: Int64 = .max) {
    guard awaitsInterruption, interruption <= time else { return }
    isInterrupted = true
    try? thread.interrupt()
  }

  /// Releases the stopped task.
  func release() {
    thread.detach()
    if task != thread { task.detach() }
    connections?.close()
  }

  /// Closes the descriptors that are held open for it, in a copy of the process that handles the task.
  func forget() { connections?.close() }
}
