// SPDX-License-Identifier: Apache-2.0

import CLinux
public import ExecEngine
import ProcessSupport

extension AttachedProcess {
  /// Has running processes read their clocks by the pages of `supply`, in all their threads: all of `targets`, or none.
  ///
  /// Of a single process one thread is stopped while it maps the pages, then all while the functions are changed. With `others` all are
  /// stopped before anything is done, and what that finds as well by then is attached to, too. If anything fails, everything is put
  /// back. `start` has the page show the time by then. If this process is killed meanwhile, the functions of each are all as before or all changed, as far as they share a page.
  ///
  /// With `filter` that is installed last, in each process that hasn't the session's. If it can't be, and `needsFilter`, all are detached
  /// again; else `filterFailure` of the result says why. One of them may be `held` already.
  public static func attach(
    to targets: [AttachTarget], others: (([Int32]) throws(AttachError) -> [AttachTarget])?, _ supply: PageProvider,
    _ start: PageStart, _ filter: FilterInstallation?, needsFilter: Bool, held: HeldProcess? = nil
  ) throws(AttachError) -> [AttachedProcess] {
    var targets = targets
    for _ in 0..<executions {
      do throws(AttachError) {
        // Threads that this process holds can't be stopped by another one.
        if held?.threads != nil {
          Urgency.begin()
          defer { Urgency.end() }
          return try attachOnce(to: targets, others: others, supply, start, filter, needsFilter: needsFilter, held)
        }
        return try Tracer.run { [targets] () throws(AttachError) in
          try attachOnce(to: targets, others: others, supply, start, filter, needsFilter: needsFilter, nil)
        }
      } catch {
        // A plan that was made for one program fails if the process executes another one, or ends.
        let first = targets[0].process
        let remaining = targets.filter { others == nil || $0.process == first || !ProcessFiles.hasEnded($0.process) }
        guard error.mayPass || remaining.count < targets.count || targets.contains(where: { $0.hasExecuted }) else {
          throw error
        }
        targets = []
        for old in remaining {
          do throws(AttachError) {
            targets.append(try AttachTarget(old.process, hasSessionsFilter: old.hasSessionsFilter))
          } catch {
            guard others != nil, old.process != first, ProcessFiles.hasEnded(old.process) else { throw error }
          }
        }
      }
    }
    throw AttachError("process \(targets[0].process) executes one program after the other: try again")
  }

  /// How often a process may execute a program meanwhile.
  private static let executions = 20

  private static func attachOnce(
    to targets: [AttachTarget], others: (([Int32]) throws(AttachError) -> [AttachTarget])?, _ supply: PageProvider,
    _ start: PageStart, _ filter: FilterInstallation?, needsFilter: Bool, _ held: HeldProcess?
  ) throws(AttachError) -> [AttachedProcess] {
    var group: [Attaching] = []
    for target in targets {
      group.append(try Attaching(target, supply, held?.process == target.process ? held : nil))
    }
    do throws(AttachError) {
      if others == nil { for member in group { try member.place(supply) } }
      for member in group { try member.stop() }
      if let others {
        try stop(others, supply, &group)
        // Processes that have ended meanwhile are left out.
        group.removeAll { $0.isGone }
        for member in group { try member.place(supply) }
      }
      if start.mayLag {
        for member in group { try member.change() }
        for member in group { try member.endReadings(start) }
        try start.go()
      } else {
        try start.go()
        for member in group { try member.change() }
      }
      if let filter { try install(filter, group, needsFilter: needsFilter) }
      for member in group { member.finish() }
      if held != nil { for member in group { member.threads.release() } }
    } catch {
      for member in group { member.undo() }
      throw error
    }
    return group.map { $0.result }
  }

  /// Stops processes that have come up while others were stopped, until there are none.
  private static func stop(
    _ others: ([Int32]) throws(AttachError) -> [AttachTarget], _ supply: PageProvider, _ group: inout [Attaching]
  ) throws(AttachError) {
    while true {
      let new = try others(group.map { $0.target.process })
      guard !new.isEmpty else { return }
      for target in new {
        let member = try Attaching(target, supply)
        group.append(member)
        try member.stop()
      }
    }
  }

  private static func install(
    _ filter: FilterInstallation, _ group: [Attaching], needsFilter: Bool
  ) throws(AttachError) {
    var listeners: [Int32] = []
    var filtered: [Int32] = []
    defer { for listener in listeners { linux_close(listener) } }
    for member in group where !member.target.hasSessionsFilter {
      if let listener = member.install(filter) {
        listeners.append(listener)
        filtered.append(member.target.process)
      }
      guard let reason = member.result.filterFailure, needsFilter else { continue }
      // Filters that are installed can't be removed, and need a listener.
      if !listeners.isEmpty { _ = filter.handOver(listeners) }
      let error = "programs that process \(member.target.process) executes can't be followed: \(reason)"
      let kept = filtered.map { "\($0)" }.joined(separator: ", ")
      throw AttachError(
        filtered.isEmpty
          ? error
          : error + "; a seccomp filter, which can't be taken off, stays in process \(kept) and lets all calls continue"
      )
    }
    guard filter.handOver(listeners) else { throw AttachError("the supervisor has been killed: try again") }
    for member in group { member.finishFilter() }
  }
}
