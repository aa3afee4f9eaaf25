// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Glibc
import ProcessAttachment
public import VirtualTime

/// The attaching to processes that enter a PID namespace after a session has begun there.
struct NamespaceAttaching {
  let options: AttachOptions
  let session: Session
  let supply: PageProvider

  /// What the session's supervisor is to know of it.
  func watch(_ reports: ExecutionReports) -> NamespaceWatch {
    let output = SessionOutput()
    return NamespaceWatch(
      descriptors: reports.descriptors + output.descriptors,
      findListeners: { process in
        AttachTarget.processes(process, .tree).compactMap { ListenerSearch($0)?.find() }
      },
      body: { connection, counts in
        var watcher = NamespaceWatcher(reports, connection, counts, output) { held throws(AttachError) in
          try attach(held, connection)
        }
        watcher.run()
        reports.end()
        _exit(0)
      })
  }

  /// Attaches to a process and those that it has forked, and returns how many these are.
  private func attach(_ held: HeldProcess, _ connection: WatcherConnection) throws(AttachError) -> Int {
    let process = held.process
    let target = try self.target(process)
    let isFiltered = !connection.filter.isEmpty && (options.follow == true || target.mayFilterCalls)
    guard isFiltered || options.optionThatNeedsFilter == nil else {
      throw AttachError("the system calls of process \(process) can't be intercepted without taking rights from it")
    }
    guard !isFiltered || !target.hasListeners else {
      throw AttachError("process \(process) intercepts the system calls of others")
    }
    connection.note(process)
    defer { connection.note(0) }
    let filter =
      isFiltered
      ? FilterInstallation(instructions: connection.filter, mayTakeRights: options.follow == true) {
        $0.isEmpty || connection.send($0)
      } : nil
    let attached = try AttachedProcess.attach(
      to: [target],
      others: { known throws(AttachError) in
        var new: [AttachTarget] = []
        for child in AttachTarget.processes(process, .tree) where !known.contains(child) && !AttachTarget.isHeld(child)
        {
          new.append(try self.target(child))
        }
        return new
      }, supply, start, filter, needsFilter: options.optionThatNeedsFilter != nil, held: held)
    // Then nothing updates the page.
    if connection.isOver {
      for var one in attached { try one.detach() }
      return 0
    }
    return attached.count
  }

  /// The supervisor updates the page, so this process can only wait for it, and not make its clocks stand.
  private var start: PageStart {
    PageStart(mayLag: false) { _ throws(AttachError) in
      guard session.waitForTick() else { throw AttachError("the session's time page is not updated") }
    }
  }

  private func target(_ process: Int32) throws(AttachError) -> AttachTarget {
    let target = try AttachTarget(process)
    try TimeTWidth.check(target, at: session.date)
    return target
  }
}

extension Launcher {
  /// What has become of processes that entered the PID namespace of a session, by its processes; nil if none of them is attached, or the
  /// session has watched no namespace. Also how many processes of namespaces below it are on no page of ours.
  public static func entered(sessionOf processes: [Int32]) -> (EnteredProcesses, below: Int)? {
    guard let process = processes.first(where: { AttachedProcess($0) != nil }),
      let entered = try? TimeSession(process: process).state().entered
    else { return nil }
    return (entered, below(namespaceOf: process))
  }

  /// How many processes of PID namespaces below that of a process are on no page of ours.
  public static func below(namespaceOf process: Int32) -> Int { AttachTarget.countBelow(namespaceOf: process) }
}
