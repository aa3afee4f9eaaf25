// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
public import ProcessAttachment
import SimulatedKernel
import TimePages
import VDSOImages
import VirtualTime

extension Launcher {
  /// Gives running processes our page, and starts a supervisor that keeps their time; returns lines for people.
  public static func attach(_ options: AttachOptions, isVerbose: Bool) throws(AttachError) -> [String] {
    try options.check()
    // Before they are listed: none is to enter the namespace unnoticed.
    var reports: ExecutionReports?
    var remarks: [String] = []
    if options.watchesNamespace {
      do throws(AttachError) {
        reports = try ExecutionReports(namespaceOf: options.process)
      } catch {
        remarks = ["demo-loader: processes that enter the namespace later are not attached to: \(error)"]
      }
    }
    do throws(AttachError) {
      let lines = try attach(options, reports, isVerbose: isVerbose)
      reports?.close()
      let below = options.includesNamespace ? AttachTarget.countBelow(namespaceOf: options.process) : 0
      if below > 0 {
        remarks.append(
          "demo-loader: processes in PID namespaces below that of process \(options.process) stay on the kernel's page (\(below) now): attach to each namespace, or with --tree"
        )
      }
      return lines + remarks
    } catch {
      reports?.end()
      throw error
    }
  }

  private static func attach(
    _ options: AttachOptions, _ reports: ExecutionReports?, isVerbose: Bool
  ) throws(AttachError) -> [String] {
    let processes = AttachTarget.processes(options.process, options.extent)
    // Beyond, a message can't carry the listening ends of their filters.
    guard processes.count <= AttachedSupervisor.mostListeners else {
      throw AttachError(
        "\(processes.count) processes are more than the \(AttachedSupervisor.mostListeners) that can be attached to together"
      )
    }
    let taken = options.follow == false ? [] : earlierFilters(of: processes)
    do throws(AttachError) {
      return try attach(options, processes, taken, reports, isVerbose: isVerbose)
    } catch {
      for filter in taken { filter.leave() }
      throw error
    }
  }

  /// How often it is asked for the filter of an earlier session, and how many nanoseconds apart.
  private static let (requests, requestPause): (Int, UInt64) = (30, 10_000_000)

  /// The filters that were left in processes when they were detached.
  private static func earlierFilters(of processes: [Int32]) -> [TakenFilter] {
    var taken: [TakenFilter] = []
    for _ in 0..<requests {
      var isMissing = false
      for process in processes where !taken.contains(where: { $0.detached.contains(process) }) {
        if let filter = TakenFilter(ofProcess: process) {
          taken.append(filter)
        } else if TaskStatus(of: process)?.isFiltered == true, AttachedProcess(process) == nil {
          isMissing = true
        }
      }
      // A session that was detached a moment ago isn't over until its last children have executed programs, or have ended.
      guard isMissing else { break }
      HostClock.sleep(nanoseconds: requestPause)
    }
    return taken
  }

  private static func attach(
    _ options: AttachOptions, _ processes: [Int32], _ taken: [TakenFilter], _ reports: ExecutionReports?,
    isVerbose: Bool
  ) throws(AttachError) -> [String] {
    let targets = try targets(processes, of: options.process, taken)
    var run = options.asRunOptions
    // The time can be changed later.
    run.time = run.time ?? .host
    let session = try reporting { () throws(StartError) in
      let instant = HostInstant.current()
      return try Session(
        options.clockSource, Session.clock(run.time, at: instant), surroundings: instant.maps, mayChange: true,
        // The lines are about the page of 64-bit programs.
        isVerbose: isVerbose && !targets.allSatisfy { $0.is32Bit })
    }
    session.awaitsRestart = true
    let date = session.state.date
    for target in targets { try TimeTWidth.check(target, at: date) }
    let following = AttachedFollowing(options, targets, session.kernel.clockSource)
    let used = following.isPossible ? taken : []
    let calls = SessionCalls(session, run)
    let wanted = calls.interceptors.flatMap { $0.calls }
    guard used.allSatisfy({ $0.unintercepted(wanted).isEmpty }) || !run.answersCalls else {
      throw AttachError(
        "process \(options.process) has the filter of an earlier session, which doesn't intercept all calls that --strict and steps need: restart the program"
      )
    }
    let control = try reporting { () throws(StartError) in try SessionDelegate.control(run) }
    guard let work = SessionDelegate(session, control, calls) else {
      throw AttachError("the session has nothing to do")
    }
    let supply = supply(session, work)
    work.namespaceWatch = reports.map {
      NamespaceAttaching(options: options, session: session, supply: supply).watch($0)
    }
    let supervisor: AttachedSupervisor
    do throws(SystemError) {
      let searches = targets.map { $0.listenerSearch }
      supervisor = try AttachedSupervisor(
        supply, of: options.process, follows: following.isPossible, calls.interceptors,
        hasOtherFilters: targets.contains { $0.hasFilters }, taken: used,
        findListeners: { searches.compactMap { $0.find() } }, watch: work.namespaceWatch
      ) { _ in [] }
    } catch {
      control?.close()
      throw AttachError(error.description)
    }
    let attached: [AttachedProcess]
    var isSent = false
    do throws(AttachError) {
      let filter =
        supervisor.filter.isEmpty
        ? nil
        : FilterInstallation(instructions: supervisor.filter, mayTakeRights: options.follow == true) { new in
          let listeners = used.map { $0.listener } + new
          if !listeners.isEmpty { isSent = supervisor.send(listeners) }
          // Until here the earlier supervisor has answered: a thread that is to stop may wait for a child's execve.
          if isSent { for filter in used { filter.keep() } }
          return isSent || listeners.isEmpty
        }
      let others: (([Int32]) throws(AttachError) -> [AttachTarget])? =
        options.extent == .process
        ? nil
        : { known throws(AttachError) in
          let processes = AttachTarget.processes(options.process, options.extent).filter { !known.contains($0) }
          let new = try self.targets(processes, of: options.process, taken)
          for target in new { try TimeTWidth.check(target, at: date) }
          return new
        }
      attached = try AttachedProcess.attach(
        to: targets, others: others, supply, PageStart(mayLag: session.mayLag) { session.restart(in: $0) }, filter,
        needsFilter: options.optionThatNeedsFilter != nil)
      if !isSent { supervisor.sendNoListener() }
    } catch {
      supervisor.dismiss()
      throw error
    }
    do throws(SystemError) { try supervisor.begin() } catch { throw AttachError(error.description) }
    for filter in taken { filter.leave() }
    return following.lines(attached, isWatched: reports != nil, isVerbose: isVerbose)
      + attached.flatMap { TimeTWidth.warnings($0, at: date) }
  }

  /// The targets for `processes`, without those that have ended meanwhile.
  private static func targets(
    _ processes: [Int32], of first: Int32, _ taken: [TakenFilter]
  ) throws(AttachError) -> [AttachTarget] {
    var targets: [AttachTarget] = []
    for process in processes {
      do throws(AttachError) {
        targets.append(
          try AttachTarget(process, hasSessionsFilter: taken.contains { $0.detached.contains(process) }))
      } catch {
        guard process != first, !AttachTarget.processes(first, .namespace).contains(process) else { throw error }
      }
    }
    return targets
  }

  /// Gives attached processes the kernel's functions back; returns lines for people.
  public static func detach(_ options: AttachOptions, isVerbose: Bool) throws(AttachError) -> [String] {
    var lines: [String] = []
    var isFound = false
    var processes = AttachTarget.processes(options.process, options.extent)
    if options.extent == .namespace { endWatching(processes) }
    // The session may just be attaching to a process that has entered its namespace.
    for _ in 0..<(options.extent == .namespace ? mostDetachments : 1) {
      var isDone = true
      for process in processes {
        // First what is in use: its functions would otherwise be restored with what was left before.
        guard var attached = AttachedProcess(process) ?? AttachedProcess(leftIn: process) else { continue }
        (isFound, isDone) = (true, false)
        try attached.detach()
        while var left = AttachedProcess(leftIn: process) { try left.detach() }
        lines += AttachedFollowing.linesAfterDetaching(attached, isVerbose: isVerbose)
      }
      if isDone { break }
      processes = AttachTarget.processes(options.process, options.extent)
    }
    guard isFound else { throw AttachedProcess.notAttached(options.process) }
    return lines
  }

  /// How often the processes of a namespace are listed.
  private static let mostDetachments = 20

  /// Has the sessions of processes attach to none that enters a PID namespace any more.
  private static func endWatching(_ processes: [Int32]) {
    var sessions: Set<UInt64> = []
    for process in processes {
      guard let number = AttachedProcess(process)?.session, sessions.insert(number).inserted else { continue }
      // Without an answer the session is over.
      try? TimeSession(process: process).endWatching()
    }
  }

  private static func supply(_ session: Session, _ work: SessionDelegate) -> PageProvider {
    let pages = CodePages(session.kernel)
    var supply = PageProvider(
      timePage: session.file.descriptor, session: session.file.number ?? 0, work: work, image: pages.image)
    supply.hasHostPage = session.file.hostPage != nil
    supply.sharedCode = session.file.code
    return supply
  }

  private static func reporting<Result: ~Copyable>(
    _ body: () throws(StartError) -> Result
  ) throws(AttachError) -> Result {
    do throws(StartError) { return try body() } catch { throw AttachError(error.description) }
  }
}
