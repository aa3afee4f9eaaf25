// The process that waits for programs to be executed and gives them their pages.
//
// Assumes that it is the one thread of its process, and that SIGCHLD is blocked: waiting sees every stop. Structures
// handed to the kernel are local variables that live through the call.

import CLinux
import Glibc
import SimulatedKernel

/// Gives every program of a session its pages: waits for tasks in execve, and for stops of those that it traces.
struct Supervisor {
  private let duty: HelperDuty
  private var supply: PageSupply { duty.supply }
  private var host = HostImages()
  /// By process: one thread of each at a time.
  private var installations: [Int32: Installation] = [:]
  /// By thread: calls that are made in the place of others.
  private var replaced: [Int32: ReplacedCall] = [:]
  /// Threads that wait in execve while another thread of their process is dealt with.
  private var deferred: [CallNotice] = []
  /// Processes whose user knows that their calls aren't answered.
  private var toldOf: Set<Int32> = []
  private static let mostToldOf = 1024
  private var users = UserChanges()
  /// The thread that was said last to stay on the kernel's page: one that looks for its program tries in many places.
  private var lastLeft: Int32 = 0
  /// Whether the first program is not known to have ended.
  private var hasProgram = true

  init(_ duty: HelperDuty) {
    self.duty = duty
  }

  /// Takes over a task that is traced already and stops in execve. It has the time page's descriptor, or asks for it, and waits for
  /// a child to end, unless that is 0, before it goes on.
  mutating func adopt(_ process: Int32, timePage: Int32?, reaping child: Int32) {
    installations[process] = Installation(
      thread: process, process: process, timePage.map { .descriptor($0) } ?? .request,
      sessionsFilters: duty.filterCount, reaping: child)
  }

  /// Deals with tasks that a helper before this one took notice of and didn't answer.
  mutating func takeOver() {
    for notice in duty.listener?.unanswered() ?? [] { take(notice) }
    collectAnswers()
  }

  /// In a standby, which is a copy of this process: leaves the tasks to this one.
  func leaveTasks() {
    for installation in installations.values { installation.forget() }
  }

  /// Why the work ends.
  enum End {
    /// There is nobody left.
    case over
    /// The standby has ended, or doesn't know what this process knows: it is time for a new one.
    case standbyIsOld
  }

  /// Works until there is nobody left, or a new standby is needed.
  mutating func run(standby: Int32) -> End {
    if let listener = duty.listener { duty.inner.welcome(listener, duty.heardCalls) }
    while duty.hasDependents || !installations.isEmpty {
      let waitsForProgram = hasProgram && (duty.endsWithPage || supply.work?.programEnded != nil)
      let program = waitsForProgram ? duty.handle : -1
      duty.notices?.tasksAtWork = installations.count + replaced.count
      let listener = duty.listener.flatMap { $0.hasRoom ? $0.descriptor : nil } ?? -1
      let own = [listener, duty.signals, program, standby]
      let inner = duty.inner.descriptors
      let ready = HelperDescriptors.wait(for: own + inner + (supply.work?.descriptors() ?? []), patience(program))
      if ready[1] & POLLIN != 0 { collectStops() }
      if ready[0] & POLLIN != 0, let notice = duty.listener?.receive() { take(notice) }
      if ready[0] & POLLHUP != 0 { return .over }
      let hasProgramEnded = ready[2] & POLLIN != 0
      if hasProgramEnded {
        hasProgram = false
        supply.work?.programEnded?()
      }
      if !hasProgram && duty.endsWithPage && installations.isEmpty && duty.isOver { return .over }
      if duty.inner.isWaiting || ready[own.count..<own.count + inner.count].contains(where: { $0 != 0 }) {
        collectAnswers()
      }
      if supply.work?.interval != nil || supply.work?.pending() != nil { supply.work?.refresh() }
      let isAsked = ready[(own.count + inner.count)...].contains { $0 != 0 }
      if isAsked { supply.work?.serve() }
      let isChanged = isAsked || duty.inner.hasNew || (hasProgramEnded && supply.work?.programEnded != nil)
      if ready[3] != 0 || isChanged { return .standbyIsOld }
    }
    return .over
  }

  /// Milliseconds until notices are handed on again, the page is kept, or looked after once the first program has ended; nil for as
  /// long as it takes.
  private func patience(_ program: Int32) -> Int32? {
    if duty.inner.isWaiting { return 10 }
    let ways = [supply.work?.interval, supply.work?.pending(), program < 0 && duty.endsWithPage ? 1000 : nil]
    return ways.compactMap { $0 }.min()
  }

  /// A task waits in a system call.
  private mutating func take(_ notice: CallNotice) {
    guard let listener = duty.listener else { return }
    let owner = duty.inner.owner(of: notice)
    if let process = duty.inner.takeMet() {
      let line =
        "demo-loader: the supervisor of the session that process \(process) has started is gone: what its programs execute "
        + "from now on belongs to the session around it"
      print([line], of: process)
    }
    switch owner {
    case .inner(let index): return duty.inner.handOn(notice, to: index)
    case .starter: return listener.answer(notice, .proceed)
    case .outer: takeOwn(notice, listener)
    }
  }

  private mutating func takeOwn(_ notice: CallNotice, _ listener: CallListener) {
    if let watch = duty.watches.first(where: { notice.isOne(of: $0.calls) }) {
      return takeWatched(notice, watch, listener)
    }
    if notice.isOne(of: UserChanges.calls) {
      users.keep(notice.thread, of: Self.process(of: notice.thread))
      return listener.answer(notice, .proceed)
    }
    takeExecution(notice, listener)
  }

  private mutating func takeWatched(_ notice: CallNotice, _ watch: CallWatch, _ listener: CallListener) {
    if replaced[notice.thread]?.isMaking == true { return listener.answer(notice, .proceed) }
    let answer = watch.answer(notice)
    switch answer {
    case .proceed, .result: break
    case .passed(let reason): tellOfPassed(notice, reason)
    case .replace(let replacement):
      if let call = ReplacedCall(notice, replacement, listener, sessionsFilters: duty.filterCount) {
        replaced[notice.thread] = call
        return
      }
      tellOfPassed(notice, "somebody else traces it, or it has filters of its own")
    }
    listener.answer(notice, answer)
  }

  /// Once for each process, as far as that is remembered.
  private mutating func tellOfPassed(_ notice: CallNotice, _ reason: String) {
    let process = Self.process(of: notice.thread)
    guard !toldOf.contains(process) else { return }
    if toldOf.count >= Self.mostToldOf { toldOf = [] }
    toldOf.insert(process)
    tell(ProgramEvent(process: process, isAlwaysTold: true, change: .passed(reason)))
  }

  private mutating func takeExecution(_ notice: CallNotice, _ listener: CallListener) {
    if let request = SessionRequest(notice) { return take(request, notice, listener) }
    let process = Self.process(of: notice.thread)
    switch installations[process] {
    case .some(let known) where known.thread.id != notice.thread:
      // To attach would wait for the other thread's execve, which waits for this process.
      deferred.append(notice)
      return
    case .some: break
    case .none:
      do throws(TaskError) {
        guard notice.thread != 0 else { throw TaskError("see a process of another namespace", errno: ESRCH) }
        if !users.isKept(notice.thread) {
          users.act(for: notice.thread)
          defer { users.stopActing() }
          try TracedTask(id: notice.thread).seize()
        }
      } catch {
        return letGo(notice, error, listener)
      }
      installations[process] = Installation(
        thread: notice.thread, process: process, .request, sessionsFilters: duty.filterCount,
        ClosingConnections(of: notice.thread, in: process))
    }
    listener.answer(notice, .proceed)
    installations[process]?.noticeFailure()
  }

  /// Deals with a task in execve that can't be traced.
  private mutating func letGo(_ notice: CallNotice, _ error: TaskError, _ listener: CallListener) {
    let task = notice.thread == 0 ? nil : TaskStatus(of: notice.thread)
    let tracer = task.flatMap { $0.tracer == 0 ? nil : TaskStatus(of: $0.tracer) }
    switch TracedExecution(task, tracer: tracer, sessionsFilters: duty.filterCount, error) {
    case .proceeds(var reason):
      if error.errno == EPERM, task?.tracer == 0, task?.effectiveUser != geteuid(), !linux_may_trace_others() {
        reason =
          "its supervisor may not trace programs of other users: add the capability SYS_PTRACE (docker run --cap-add "
          + "SYS_PTRACE), or start demo-loader as that user"
      }
      if notice.thread != lastLeft { tell(ProgramEvent(process: notice.thread, change: .left(reason))) }
      lastLeft = notice.thread
      listener.answer(notice, .proceed)
    case .proceedsUnseen(let reason):
      tell(ProgramEvent(process: notice.thread, isAlwaysTold: true, change: .left(reason)))
      listener.answer(notice, .proceed)
    case .refused(let reason):
      tell(ProgramEvent(process: notice.thread, isAlwaysTold: true, change: .refused(reason)))
      listener.answer(notice, .result(Int64(-EPERM)))
    }
  }

  /// A task asks for something.
  private func take(_ request: SessionRequest, _ notice: CallNotice, _ listener: CallListener) {
    switch request {
    case .timePage: supply.withTimePageForProgram { listener.answer(notice, withCopyOf: $0) }
    case .presence: listener.answer(notice, .result(Int64(getpid())))
    case .session(let number, let follows):
      // Its answer comes when the standby knows of it.
      if !duty.inner.add(notice, number: number, follows: follows) { listener.answer(notice, .proceed) }
    }
  }

  /// Deals with what the supervisors of sessions in this one have answered.
  private mutating func collectAnswers() {
    guard let listener = duty.listener else { return }
    for notice in duty.inner.collect(listener) { take(notice) }
  }

  private mutating func collectStops() {
    var record = [UInt8](repeating: 0, count: Int(LINUX_SIGNAL_RECORD_SIZE))
    while unsafe read(duty.signals, &record, record.count) > 0 {}
    var status: Int32 = 0
    while true {
      let id = unsafe waitpid(-1, &status, WNOHANG | Int32(LINUX_WAIT_ALL))
      if id < 0 && errno != ECHILD { continue }
      guard id > 0 else { return }
      advance(id, StopStatus(waitStatus: status))
    }
  }

  private mutating func advance(_ id: Int32, _ stop: StopStatus) {
    // The thread that has executed a program has the number of its process's first thread, which is gone without a word.
    if stop == .exec { replaced[id] = nil }
    if replaced[id] != nil {
      if replaced[id]!.advance(stop) { replaced[id] = nil }
      return
    }
    // Since execve a thread has its process's number.
    let known = installations[id] != nil ? id : installations.first { $0.value.thread.id == id }?.key
    guard let process = known else {
      return users.isKept(id) ? users.pass(id, stop) : TracedTask(id: id).detach()
    }
    users.act(for: id)
    let result = installations[process]!.advance(stop, supply, &host)
    users.stopActing()
    guard let outcome = result else { return }
    switch outcome {
    case .nothing: break
    case .given(let header, let code, let start):
      tell(
        ProgramEvent(process: id, change: .given(header: header), vector: start.vector(withVDSO: header), code: code))
    case .left(let reason):
      let vector = installations[process]?.start?.vector
      tell(ProgramEvent(process: id, change: .left(reason), vector: vector))
    }
    if process == duty.program { duty.channel.clear() }
    let installation = installations.removeValue(forKey: process)!
    if users.isKept(id), case .nothing = outcome, stop != .ended {
      // What it looked for isn't there: it will try again, or stay as it is.
      users.pass(id, stop)
    } else {
      users.forget(installation.thread.id)
      users.forget(process)
      installation.release()
    }
    let waiting = deferred
    deferred = []
    for notice in waiting { take(notice) }
  }

  private func tell(_ event: ProgramEvent) {
    var event = event
    event.isSessions = event.process == duty.program
    print(duty.report(event), of: event.process)
  }

  /// Prints lines about a process.
  private func print(_ lines: [String], of process: Int32) {
    guard !lines.isEmpty else { return }
    let task = linux_process_descriptor(process)
    duty.output?.print(lines, lenders: [duty.handle, task])
    if task >= 0 { linux_close(task) }
  }

  private static func process(of thread: Int32) -> Int32 {
    linux_is_first_thread(thread) ? thread : TaskStatus(of: thread)?.process ?? thread
  }
}
