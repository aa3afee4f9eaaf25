// SPDX-License-Identifier: Apache-2.0

// Starting a supervisor process.
//
// Assumes that the caller has one thread, as `fork` does.

import CLinux
import Glibc
import ProcessSupport
import SimulatedKernel

/// The process that supervises a session's programs, as the first of them starts it.
enum Supervisor {
  /// A supervisor that is killed before it is ready is replaced so many times.
  private static let attempts = 8

  /// Starts a supervisor that traces this process and waits for its next execve; returns whether it intercepts later calls, and why not.
  static func start(
    _ supply: PageProvider, follows: Bool, mayGiveUpRights: Bool, _ interceptors: [CallInterceptor],
    in outer: OuterSession?,
    report: @escaping (ProgramEvent) -> [String]
  ) throws(SystemError) -> Following {
    // The program's own descriptor of the time page, if its request for one can't be intercepted.
    let timePage = Execution.reopened(supply.timePage)
    guard timePage >= 0 else { throw SystemError("copy the time page's descriptor", errno: .current) }
    var needsTimePage = false
    defer { if !needsTimePage { close(timePage) } }
    let userChanges = follows && UserChanges.areIntercepted ? UserChanges.calls : []
    let calls = (follows ? .executing : []) + userChanges + interceptors.flatMap { $0.calls }
    var filter: CallFilter?
    linux_allow_tracers(true)
    defer { linux_allow_tracers(false) }
    var failed = "trace programs"
    for _ in 0..<attempts {
      // A child is for the program to forget once it has its pages, or the one that adopts all others would find it.
      let isChild = linux_adopts_orphans() || (calls.isEmpty && supply.work == nil)
      let (supervisor, channel) = try startProcess(of: getpid(), isChild: isChild) { program, channel in
        let context = SupervisorContext(
          supply: supply, interceptors: interceptors, report: report, follows: follows, program: program,
          timePage: timePage,
          channel: channel, outer: outer)
        SupervisorProcess.begin(context, isChild: isChild)
      }
      var isDone = false
      defer {
        channel.close()
        if isChild && !isDone {
          kill(supervisor, SIGKILL)
          linux_reap_child(supervisor)
        }
      }
      // While the supervisor gets ready.
      if !calls.isEmpty, outer == nil { filter = filter ?? CallFilter(calls) }
      let status = channel.receive()
      switch status {
      case .some(SupervisorMessage.traced): break
      case .some(let error): throw SystemError("trace programs", errno: Errno(rawValue: error))
      case .none:
        try waitForEnd(of: supervisor, channel)
        continue
      }
      let listener = filter.map { CallListener.listen(by: $0, mayGiveUpRights: mayGiveUpRights) } ?? -1
      failed = "keep a supervisor process alive"
      let isServed: Bool
      do throws(SystemError) {
        isServed = try handOver(
          listener, channel, withStandby: listener >= 0 || supply.work != nil || (outer != nil && !calls.isEmpty))
      } catch {
        guard listener < 0 else { return .failed(error) }
        throw error
      }
      guard isServed else {
        // No other can take its place: it would be under the filter itself.
        guard listener < 0 else { return .failed(SystemError(failed, errno: .noSuchProcess)) }
        try waitForEnd(of: supervisor, channel)
        continue
      }
      isDone = true
      needsTimePage = listener < 0 || !follows
      if calls.isEmpty { return .off }
      return listener >= 0 || outer != nil
        ? .on : .refused(SystemError("intercept system calls", errno: Errno(result: listener)))
    }
    throw SystemError(failed, errno: .noSuchProcess)
  }

  /// Waits for a supervisor that said nothing to be gone, and what it traced to be traced no more.
  private static func waitForEnd(of process: Int32, _ channel: SupervisorChannel) throws(SystemError) {
    guard channel.isHungUp else { throw SystemError("talk to the supervisor process", errno: .ioError) }
    SupervisorProcess.waitForEnd(of: process)
  }

  /// Gives the supervisor the listening end, if any, and waits until it has all that it needs, and its standby; says whether
  /// they are there.
  private static func handOver(
    _ listener: Int32, _ channel: SupervisorChannel, withStandby: Bool
  ) throws(SystemError) -> Bool {
    // From here on the supervisor's is the only one: without it, execve fails and doesn't wait.
    defer { if listener >= 0 { close(listener) } }
    let number = listener >= 0 ? SupervisorMessage.withListener : SupervisorMessage.withoutListener
    guard channel.send(number, with: max(listener, -1)) else { return false }
    var waitsFor = [SupervisorMessage.supervisorReady] + (withStandby ? [SupervisorMessage.standbyReady] : [])
    while !waitsFor.isEmpty {
      guard let message = channel.receive() else { return false }
      guard message <= 0 else { throw SystemError("intercept system calls", errno: Errno(rawValue: message)) }
      waitsFor.removeAll { $0 == message }
    }
    return true
  }

  /// Starts a process that lives by `body`; returns its id and the way to talk to it. This process waits for it only where it
  /// asks for it, or it isn't a child of this process.
  ///
  /// `body` gets the program's id and the way to talk to it.
  private static func startProcess(
    of program: Int32, isChild: Bool, _ body: (Int32, SupervisorChannel) -> Never
  ) throws(SystemError) -> (Int32, SupervisorChannel) {
    let (near, far) = try SupervisorChannel.pair()
    let process = isChild ? linux_fork_hidden() : linux_fork_orphan()
    if process == 0 {
      near.close()
      body(program, far)
    }
    let error = Errno.current
    far.close()
    guard process > 0 else {
      near.close()
      throw SystemError("start a supervisor process", errno: error)
    }
    return (process, near)
  }
}
