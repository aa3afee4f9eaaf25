// The process that waits for programs to be executed and gives them their pages.
//
// Assumes that it is the one thread of its process, and that SIGCHLD is blocked: waiting sees every stop. Structures
// handed to the kernel are local variables that live through the call.

import CLinux
import Glibc
import SimulatedKernel

/// Gives every program of a session its pages: waits for tasks in execve, and for stops of those that it traces.
struct Supervisor {
  let supply: PageSupply
  /// Hears of system calls; nil where only one program is waited for.
  let listener: CallListener?
  /// Calls other than execve, and who answers them.
  let watches: [CallWatch]
  /// Told of each program, with the process that executes it: lines for its standard error.
  let report: (ProgramEvent) -> [String]
  private var host = HostImages()
  /// By process: one thread of each at a time.
  private var installations: [Int32: Installation] = [:]
  /// By thread: calls that are made in the place of others.
  private var replaced: [Int32: ReplacedCall] = [:]
  /// Threads that wait in execve while another thread of their process is dealt with.
  private var deferred: [CallNotice] = []

  init(
    _ supply: PageSupply, _ listener: CallListener?, _ watches: [CallWatch],
    report: @escaping (ProgramEvent) -> [String]
  ) {
    self.supply = supply
    self.listener = listener
    self.watches = watches
    self.report = report
  }

  /// Takes over a task that is traced already and stops in execve. It has the time page's descriptor, or asks for it.
  mutating func adopt(_ process: Int32, timePage: Int32?) {
    installations[process] = Installation(thread: process, process: process, timePage: timePage)
  }

  /// Works until there is nobody left: the last task of the tree, or with no tree to listen to the program.
  mutating func run(signals: Int32, program: Int32) {
    supply.work?.begin()
    while listener != nil || supply.work != nil || !installations.isEmpty {
      let own = [listener?.descriptor ?? -1, signals, listener == nil ? program : -1]
      let ready = HelperDescriptors.wait(for: own + (supply.work?.descriptors() ?? []), supply.work?.interval)
      if ready[1] & POLLIN != 0 { collectStops(signals) }
      if ready[0] & POLLIN != 0, let notice = listener?.receive() { take(notice) }
      if ready[0] & POLLHUP != 0 || ready[2] & POLLIN != 0 { break }
      if ready[own.count...].contains(where: { $0 != 0 }) { supply.work?.serve() }
      if supply.work?.interval != nil { supply.work?.refresh() }
    }
    supply.work?.end()
  }

  /// A task waits in a system call.
  private mutating func take(_ notice: CallNotice) {
    guard let listener else { return }
    if let watch = watches.first(where: { notice.isOne(of: $0.calls) }) {
      return takeWatched(notice, watch, listener)
    }
    takeExecution(notice, listener)
  }

  private mutating func takeWatched(_ notice: CallNotice, _ watch: CallWatch, _ listener: CallListener) {
    if replaced[notice.thread]?.isMaking == true { return listener.answer(notice, .proceed) }
    let answer = watch.answer(notice)
    if case .replace(let replacement) = answer, let call = ReplacedCall(notice, replacement, listener) {
      replaced[notice.thread] = call
    } else {
      listener.answer(notice, answer)
    }
  }

  private mutating func takeExecution(_ notice: CallNotice, _ listener: CallListener) {
    if PagePlacement.isRequest(notice) { return listener.answer(notice, withCopyOf: supply.timePage) }
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
        try TracedTask(id: notice.thread).seize()
      } catch {
        tell(ProgramEvent(process: notice.thread, change: .left("\(error)")))
        return listener.answer(notice, .proceed)
      }
      installations[process] = Installation(thread: notice.thread, process: process, timePage: nil)
    }
    listener.answer(notice, .proceed)
    installations[process]?.noticeFailure()
  }

  private mutating func collectStops(_ signals: Int32) {
    var record = [UInt8](repeating: 0, count: Int(LINUX_SIGNAL_RECORD_SIZE))
    while unsafe read(signals, &record, record.count) > 0 {}
    var status: Int32 = 0
    while true {
      let id = unsafe waitpid(-1, &status, WNOHANG | Int32(LINUX_WAIT_ALL))
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
    guard let process = known else { return TracedTask(id: id).detach() }
    guard let outcome = installations[process]!.advance(stop, supply, &host) else { return }
    switch outcome {
    case .nothing: break
    case .given(let header, let code, let start):
      tell(
        ProgramEvent(process: id, change: .given(header: header), vector: start.vector(withVDSO: header), code: code))
    case .left(let reason):
      let vector = installations[process]?.start?.vector
      tell(ProgramEvent(process: id, change: .left(reason), vector: vector))
    }
    installations.removeValue(forKey: process)!.release()
    let waiting = deferred
    deferred = []
    for notice in waiting { take(notice) }
  }

  private func tell(_ event: ProgramEvent) {
    ProgramOutput.print(report(event), to: event.process)
  }

  private static func process(of thread: Int32) -> Int32 {
    guard !linux_is_first_thread(thread) else { return thread }
    let lines = String(decoding: ProcFile.contents(of: "/proc/\(thread)/status"), as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix("Tgid:\t") }.flatMap { Int32($0.dropFirst(6)) } ?? thread
  }
}
