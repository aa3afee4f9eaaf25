// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import ProcessSupport

/// The supervisor of a session whose first program runs already, from the view of the process that attaches to that.
///
/// It and its standby are there before anything is changed in the program. The filter comes last: as long as one of them lives, no call
/// that it intercepts fails.
public struct AttachedSupervisor {
  /// As many filters as a session can begin with.
  public static let mostListeners = Int(LINUX_MOST_DESCRIPTORS)

  private let channel: SupervisorChannel
  /// The filter's instructions, 8 bytes each; none if the session intercepts no calls.
  public let filter: [UInt64]

  /// Starts it for the process `program`.
  ///
  /// It intercepts execve if it `follows`, and the calls of `interceptors`, by a filter that is to be installed, or has been `taken`.
  /// `findListeners` is called in the supervisor if this process ends before `begin`. With `watch` it also takes care of what enters a PID
  /// namespace later.
  public init(
    _ supply: PageProvider, of program: Int32, follows: Bool, _ interceptors: [CallInterceptor],
    hasOtherFilters: Bool, taken: [TakenFilter], findListeners: @escaping () -> [Int32], watch: NamespaceWatch?,
    report: @escaping (ProgramEvent) -> [String]
  ) throws(SystemError) {
    let attachment = Attachment(
      session: supply.session, hasOtherFilters: hasOtherFilters, taken, findListeners: findListeners, watch)
    let interceptors = follows ? interceptors : []
    let calls = Supervisor.calls(follows: follows, interceptors)
    filter = calls.isEmpty ? [] : CallFilter(calls).instructions
    let isChild = linux_adopts_orphans()
    (_, channel) = try Supervisor.startProcess(of: program, isChild: isChild) { program, channel in
      var context = SupervisorContext(
        supply: supply, interceptors: interceptors, report: report, follows: follows, program: program,
        timePage: -1, channel: channel, outer: nil)
      context.attachment = attachment
      SupervisorProcess.begin(context, isChild: false)
    }
    switch channel.receive() {
    case .some(SupervisorMessage.traced): return
    case .some(let error):
      channel.close()
      throw SystemError("start a supervisor process", errno: Errno(rawValue: error))
    case .none:
      channel.close()
      throw SystemError("keep a supervisor process alive", errno: .noSuchProcess)
    }
  }

  /// Gives it the filters' listening ends, of which it gets copies; false if it is gone, with its standby.
  public func send(_ listeners: [Int32]) -> Bool { channel.send(SupervisorMessage.withListener, with: listeners) }

  /// Says that there is no filter.
  public func sendNoListener() { channel.send(SupervisorMessage.withoutListener) }

  /// Waits until it and its standby have all that they need.
  public func begin() throws(SystemError) {
    guard try channel.waitUntilReady(withStandby: true) else {
      throw SystemError("keep a supervisor process alive", errno: .noSuchProcess)
    }
    channel.close()
  }

  /// Has it end: the program is as it was.
  public func dismiss() {
    channel.send(SupervisorMessage.dismissed)
    channel.close()
  }
}
