// SPDX-License-Identifier: Apache-2.0

// The process that waits for programs to be executed and gives them their pages.
//
// Assumes that its process has one thread, and that SIGCHLD is blocked, so that waiting sees every stop. Structures that are passed to the
// kernel are local variables that live through the call.

import AuxvLoader
import CLinux
import ELF
import ProcessSupport
import Glibc
import SimulatedKernel

/// Gives every program of a session its pages: waits for tasks in execve, and for stops of the tasks that it traces.
struct SupervisorLoop {
  let context: SupervisorContext
  var supply: PageProvider { context.supply }
  private var host = HostImages()
  /// The injections by process, at most one thread of each.
  var injections: [Int32: PageInjection] = [:]
  /// The rewritten calls by thread.
  var replaced: [Int32: RewrittenCall] = [:]
  /// Processes that are about to be detached, and until when their threads aren't traced, by the uptime in nanoseconds.
  var leaving: [Int32: Int64] = [:]
  /// Calls of theirs that wait until then.
  var held: [CallNotification] = []
  /// Threads that wait in execve while another thread of their process is handled.
  var deferred: [CallNotification] = []
  /// Processes for which a message has said that their calls aren't answered.
  private var reported: Set<Int32> = []
  private static let mostReported = 1024
  var users = UserChanges()
  /// The thread that was last reported to stay on the kernel's page. A thread that searches its program in several directories would be
  /// reported several times.
  var lastLeft: Int32 = 0
  /// Whether what it took to start is done.
  private var isSettled = false
  /// Whether the first program may still run.
  private var hasProgram = true

  init(_ context: SupervisorContext) { self.context = context }

  /// Takes over a task that is traced already and stops in execve. It has the time page's descriptor, or requests it. Before it continues,
  /// it waits for a child to end, unless `child` is 0.
  mutating func adopt(_ process: Int32, timePage: Int32?, reaping child: Int32) {
    injections[process] = PageInjection(
      thread: process, process: process, timePage.map { .descriptor($0) } ?? .request,
      sessionsFilters: context.filterCount, isFirst: true, isWatchedAlways: true, reaping: child)
  }

  /// Does in advance what the first program would otherwise wait for.
  mutating func prepare() { host.prepare(for: supply) }

  /// Handles tasks whose notifications an earlier supervisor received and didn't answer.
  mutating func takeOver() {
    for notification in context.listener?.unanswered() ?? [] { take(notification) }
    collectAnswers()
  }

  /// In a standby, which is a copy of this process: leaves the tasks to this process.
  func leaveTasks() {
    for injection in injections.values { injection.forget() }
  }

  /// The reason why the loop ends.
  enum End {
    /// No task is left.
    case over
    /// The standby has ended, or lacks something that this process knows, so a new one is needed.
    case standbyIsOld
  }

  /// Runs until no task is left, or a new standby is needed.
  mutating func run(standby: Int32) -> End {
    if startsWatching() { return .standbyIsOld }
    if let listener = context.listener { context.inner.welcome(listener, context.interceptedCalls) }
    while context.hasDependents || !injections.isEmpty {
      let waitsForProgram =
        hasProgram
        && context.attachment == nil
        && (context.endsWithPage || context.work?.waitsForProgram == true || context.lenders?.isKept == true)
      let program = waitsForProgram ? context.handle : -1
      showTasksAtWork()
      if tasksAtWork == 0 && !isSettled {
        linux_unmap_used_code()
        isSettled = true
      }
      let offers = context.attachment.flatMap { $0.isOver ? $0.offers : nil }
      let listeners = context.listener.flatMap { $0.hasRoom ? $0.descriptors : nil } ?? []
      let own = [context.signals, program, standby, context.attachment?.watch?.descriptor ?? -1]
      let inner = context.inner.descriptors + (offers?.descriptors ?? [])
      let ready = SupervisorDescriptors.wait(
        for: own + inner + listeners + (context.work?.descriptors ?? []), patience(program))
      let afterInner = own.count + inner.count
      if ready[0] & POLLIN != 0 { collectStops() }
      for (descriptor, events) in zip(listeners, ready[afterInner...]) {
        if events & POLLIN != 0, let notification = context.listener?.receive(from: descriptor) { take(notification) }
        if events & POLLHUP != 0 { context.listener?.remove(descriptor) }
      }
      if context.listener?.descriptors.isEmpty == true { return .over }
      let hasProgramEnded = ready[1] & POLLIN != 0
      if hasProgramEnded {
        hasProgram = false
        context.lenders?.release()
        if context.work?.waitsForProgram == true { context.work?.programEnded() }
      }
      if !hasProgram && context.endsWithPage && injections.isEmpty && context.isOver { return .over }
      if context.inner.isWaiting || ready[own.count..<afterInner].contains(where: { $0 != 0 }) {
        collectAnswers()
        if areFiltersGivenAway() { return .over }
      }
      if context.work?.interval != nil || context.work?.patience != nil { context.work?.refresh() }
      let isAsked = ready[(afterInner + listeners.count)...].contains { $0 != 0 }
      let isServed = isAsked && context.work?.serve() == true
      if ready[3] != 0 { takeWatchersMessage() }
      retakeHeld()
      interruptLate()
      if endsAttachment(isIdle: ready.allSatisfy { $0 == 0 }) && context.listener == nil { return .over }
      let isChanged =
        isServed || context.inner.hasNew || takesNews() || (hasProgramEnded && context.work?.waitsForProgram == true)
      if ready[2] != 0 || isChanged { return .standbyIsOld }
    }
    return .over
  }

  /// Milliseconds until notifications must be forwarded again, or the page must be updated, or, once the first program has ended, checked;
  /// nil for no limit.
  private func patience(_ program: Int32) -> Int32? {
    if context.inner.isWaiting || !held.isEmpty || injections.contains(where: { $0.value.awaitsInterruption }) {
      return 10
    }
    let check: Int32? =
      if let attachment = context.attachment { attachment.isOver ? nil : attachment.patience } else {
        program < 0 && context.endsWithPage ? 1000 : nil
      }
    let ways = [context.work?.interval, context.work?.patience, check]
    return ways.compactMap { $0 }.min()
  }

  /// Handles a task that waits in a system call.
  mutating func take(_ notification: CallNotification) {
    guard let listener = context.listener else { return }
    let owner = context.inner.owner(of: notification)
    if let process = context.inner.takeMet() {
      let line =
        "demo-loader: the supervisor of the session that process \(process) has started is gone: programs that its programs execute "
        + "from now on belong to the outer session"
      print([line], of: process)
    }
    switch owner {
    case .inner(let index): return context.inner.handOn(notification, to: index)
    case .starter: return listener.answer(notification, .proceed)
    case .outer: takeOwn(notification, listener)
    }
  }

  private mutating func takeOwn(_ notification: CallNotification, _ listener: CallListener) {
    if endsOpenExecution(notification, listener) { return }
    guard includes(notification) else { return takeOthers(notification, listener) }
    if let interceptor = context.interceptors.first(where: { notification.isOne(of: $0.calls) }) {
      return takeIntercepted(notification, interceptor, listener)
    }
    if notification.isOne(of: UserChanges.calls) {
      users.keep(notification.thread, of: TaskStatus.process(of: notification.thread))
      return listener.answer(notification, .proceed)
    }
    // The call belongs to an outer session, which intercepts more.
    guard notification.isOne(of: .executing) else { return listener.answer(notification, .proceed) }
    takeExecution(notification, listener)
  }

  private mutating func takeIntercepted(
    _ notification: CallNotification, _ interceptor: CallInterceptor, _ listener: CallListener
  ) {
    if replaced[notification.thread]?.isMaking == true { return listener.answer(notification, .proceed) }
    let answer = interceptor.answer(notification)
    switch answer {
    case .proceed, .result: break
    case .passed(let reason): reportPassed(notification, reason)
    case .replace where isLeaving(notification):
      held.append(notification)
      return
    case .replace(let replacement):
      showTasksAtWork(another: true)
      if let call = RewrittenCall(notification, replacement, listener, sessionsFilters: context.filterCount) {
        replaced[notification.thread] = call
        return
      }
      if case .passed(let reason) = notification.answerIfUnread {
        reportPassed(notification, reason)
      } else {
        reportPassed(notification, "another process traces it, or it has seccomp filters of its own")
      }
    }
    listener.answer(notification, answer)
  }

  /// Reports a passed call, once for each process as far as that is remembered.
  private mutating func reportPassed(_ notification: CallNotification, _ reason: String) {
    let process = TaskStatus.process(of: notification.thread)
    guard !reported.contains(process) else { return }
    if reported.count >= Self.mostReported { reported = [] }
    reported.insert(process)
    report(ProgramEvent(process: process, isAlwaysPrinted: true, change: .passed(reason)))
  }

  /// Handles the answers of inner sessions' supervisors.
  private mutating func collectAnswers() {
    guard let listener = context.listener else { return }
    for notification in context.inner.collect(listener) { take(notification) }
  }

  /// Shows the standby how many tasks depend on this process; `another` is about to be one. Before a task's notification is answered, it
  /// must be counted.
  func showTasksAtWork(another: Bool = false) {
    context.notifications?.tasksAtWork = tasksAtWork + (another ? 1 : 0)
  }

  private var tasksAtWork: Int { injections.count + replaced.count }

  private mutating func collectStops() {
    var record = [UInt8](repeating: 0, count: Int(LINUX_SIGNAL_RECORD_SIZE))
    // What is left is reported again.
    if unsafe read(context.signals, &record, record.count) > 0 {
      let process = unsafe linux_asked_to_leave(&record)
      if process > 0 { leave(process) }
    }
    var status: Int32 = 0
    while true {
      let id = unsafe waitpid(-1, &status, WNOHANG | Int32(LINUX_WAIT_ALL))
      if id < 0 && errno != ECHILD { continue }
      guard id > 0 else { return }
      advance(id, StopStatus(waitStatus: status))
    }
  }

  private mutating func advance(_ id: Int32, _ stop: StopStatus) {
    // A thread that has executed a program gets the id of its process's first thread, which has ended without a report.
    if stop == .exec { replaced[id] = nil }
    if replaced[id] != nil {
      if replaced[id]!.advance(stop) { replaced[id] = nil }
      return
    }
    // Since execve the thread has its process's id.
    let known = injections[id] != nil ? id : injections.first { $0.value.thread.id == id }?.key
    guard let process = known else {
      return users.isKept(id) ? users.pass(id, stop) : TracedTask(id: id).detach()
    }
    users.act(for: id)
    let result = injections[process]!.advance(stop, supply, &host)
    users.stopActing()
    guard let outcome = result else { return }
    switch outcome {
    case .nothing: break
    case .given(let header, let code, let start):
      report(
        ProgramEvent(process: id, change: .given(header: header), vector: start.vector(withVDSO: header), code: code))
    case .left(let reason):
      let vector = injections[process]?.start?.vector
      report(ProgramEvent(process: id, change: .left(reason), vector: vector))
    }
    if process == context.program { context.channel.clear() }
    let injection = injections.removeValue(forKey: process)!
    if users.isKept(id), case .nothing = outcome, stop != .ended {
      // The file doesn't exist: the task will try another one, or continue without an execve.
      users.pass(id, stop)
    } else {
      users.forget(injection.thread.id)
      users.forget(process)
      injection.release()
    }
    let waiting = deferred
    deferred = []
    for notification in waiting { take(notification) }
  }

  func report(_ event: ProgramEvent) {
    var event = event
    event.isSessions = event.process == context.program
    print(context.report(event), of: event.process)
  }

  /// Prints lines about a process.
  private func print(_ lines: [String], of process: Int32) {
    guard !lines.isEmpty else { return }
    context.output?.print(lines) { context.lenders?.borrow(for: process) ?? -1 }
  }
}
