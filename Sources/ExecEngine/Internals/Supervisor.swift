// SPDX-License-Identifier: Apache-2.0

// Starting a supervisor process.
//
// Assumes that the caller has one thread, as `fork` requires.

import CLinux
import Glibc
import ProcessSupport
import SimulatedKernel

/// The process that supervises a session's programs, as the first program's process starts it.
enum Supervisor {
  /// How often a supervisor that is killed before it is ready is replaced.
  private static let attempts = 8

  /// Starts a supervisor that traces this process and waits for its next execve. Returns whether it intercepts later calls, and if not,
  /// why.
  static func start(
    _ supply: PageProvider, follows: Bool, mayGiveUpRights: Bool, _ interceptors: [CallInterceptor],
    in outer: OuterSession?,
    report: @escaping (ProgramEvent) -> [String]
  ) throws(SystemError) -> Following {
    // The program's own descriptor of the time page, for the case that its request for one can't be intercepted.
    let timePage = Execution.reopened(supply.timePage)
    guard timePage >= 0 else { throw SystemError("copy the time page's descriptor", errno: .current) }
    var needsTimePage = false
    defer { if !needsTimePage { close(timePage) } }
    let calls = calls(follows: follows, interceptors)
    var filter: CallFilter?
    linux_allow_tracers(true)
    defer { linux_allow_tracers(false) }
    var failed = "trace programs"
    for _ in 0..<attempts {
      // In these cases the supervisor is a child, which the program reaps once it has its pages: as an orphan it would be found by the
      // process that adopts all others.
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
      // The filter is made while the supervisor gets ready. Without one there is nothing that the supervisor must wait for.
      if !calls.isEmpty, outer == nil { filter = filter ?? CallFilter(calls) }
      let isSent = filter != nil || channel.send(SupervisorMessage.withoutListener)
      var (status, early) = (channel.receive(), [Int32]())
      // Without a filter, the standby may be ready before the supervisor has sent its first message.
      while let message = status, message < SupervisorMessage.traced {
        early.append(message)
        status = channel.receive()
      }
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
        isServed =
          isSent && (filter == nil || handOver(listener, channel))
          ? try channel.waitUntilReady(
            after: early, withStandby: listener >= 0 || supply.work != nil || (outer != nil && !calls.isEmpty))
          : false
      } catch {
        guard listener < 0 else { return .failed(error) }
        throw error
      }
      guard isServed else {
        // No other supervisor can take its place: it would be under the filter itself.
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

  /// Waits until a supervisor that sent no message is gone, and no longer traces anything.
  private static func waitForEnd(of process: Int32, _ channel: SupervisorChannel) throws(SystemError) {
    guard channel.isHungUp else { throw SystemError("talk to the supervisor process", errno: .ioError) }
    SupervisorProcess.waitForEnd(of: process)
  }

  /// Sends the listener to the supervisor, or says that there is none. Returns whether the supervisor is there.
  private static func handOver(_ listener: Int32, _ channel: SupervisorChannel) -> Bool {
    // From here on only the supervisor has the descriptor. If it were gone too, execve would fail instead of waiting.
    defer { if listener >= 0 { close(listener) } }
    let number = listener >= 0 ? SupervisorMessage.withListener : SupervisorMessage.withoutListener
    return channel.send(number, with: max(listener, -1))
  }

  /// The calls that a session's filter makes wait.
  static func calls(follows: Bool, _ interceptors: [CallInterceptor]) -> [InterceptedCall] {
    let userChanges = follows && UserChanges.areIntercepted ? UserChanges.calls : []
    return (follows ? .executing : []) + userChanges + interceptors.flatMap { $0.calls }
  }

  /// Starts a process that runs `body`, with the program's process id and the channel to it. Returns the new process's id and the channel
  /// to it.
  ///
  /// This process waits for it only if it asks for that, or it isn't a child of this process.
  static func startProcess(
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
