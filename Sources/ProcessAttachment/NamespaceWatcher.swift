// SPDX-License-Identifier: Apache-2.0

import CLinux
public import ExecEngine
import Glibc
import ProcessSupport
import TimePages

/// Attaches to the processes that execute programs in a PID namespace, and are in no session.
///
/// Why some can't be attached to is printed to the standard error of the session.
public struct NamespaceWatcher {
  /// Milliseconds after which a process is looked at again that a supervisor traces.
  private static let pause: Int32 = 5
  /// How often that is done: then it is no program of a session that starts.
  private static let attempts = 400
  /// Milliseconds without reports after which all processes are looked at once.
  private static let rest: Int32 = 300

  private let reports: ExecutionReports
  private let connection: WatcherConnection
  private let counts: NamespaceCounts
  private let output: SessionOutput
  /// How many refusals are printed.
  private static let mostLines = 5
  /// Attaches to a process and its descendants, and returns how many these are.
  private let attach: (HeldProcess) throws(AttachError) -> Int
  /// Processes to look at, with the number of times that they have been.
  private var waiting: [(process: HeldProcess, looks: Int)] = []
  /// Processes that can't be attached to, and when they started: they are counted once.
  private var refused: [Int32: UInt64] = [:]
  /// Whether processes may be in the namespace that no report names.
  private var mayHaveMore = true

  public init(
    _ reports: ExecutionReports, _ connection: WatcherConnection, _ counts: NamespaceCounts, _ output: SessionOutput,
    attach: @escaping (HeldProcess) throws(AttachError) -> Int
  ) {
    (self.reports, self.connection, self.counts) = (reports, connection, counts)
    (self.output, self.attach) = (output, attach)
  }

  /// Does so until the session is over.
  public mutating func run() {
    while true {
      let ready = SupervisorDescriptors.wait(for: [connection.descriptor, reports.descriptor], patience)
      if connection.isOver { break }
      if ready[1] != 0 {
        takeReports()
      } else if waiting.isEmpty, mayHaveMore {
        mayHaveMore = false
        for process in reports.processes where !isRefused(process) { waiting.append((HeldProcess(process), 0)) }
      }
      // Others may execute programs meanwhile.
      if !waiting.isEmpty {
        let (process, looks) = waiting.removeFirst()
        take(process, looks)
      }
    }
    for (process, _) in waiting { process.letGo() }
  }

  private var patience: Int32? {
    if let first = waiting.first { return first.looks == 0 ? 0 : Self.pause }
    return mayHaveMore ? Self.rest : nil
  }

  /// Processes may end soon, so all are held before one is attached to.
  private mutating func takeReports() {
    while let report = reports.next() {
      switch report {
      case .gap:
        counts.gaps.value += 1
        mayHaveMore = true
      case .execution(let process):
        switch reports.includes(process) {
        case nil: counts.unseen.value += 1
        case false?: break
        case true?:
          mayHaveMore = true
          if waiting.contains(where: { $0.process.process == process }) { break }
          // Its own supervisor is about to trace it.
          if Self.isLoader(process) { break }
          // One with filters may be the session's, whose supervisor is about to trace it.
          let mayBeHeld = TaskStatus(of: process).map { $0.tracer == 0 && !$0.isFiltered } ?? false
          waiting.append((HeldProcess(process, holds: mayBeHeld), 0))
        }
      }
    }
  }

  private mutating func take(_ held: HeldProcess, _ looks: Int) {
    let process = held.process
    defer { held.letGo() }
    guard !ProcessFiles.hasEnded(process) else { return counts.ended.value += 1 }
    guard process != getpid(), !Self.isLoader(process), !Self.isInSession(process) else { return }
    guard let status = TaskStatus(of: process) else { return counts.ended.value += 1 }
    if status.tracer != 0, ProcessExtent.isSupervisor(status.tracer), looks < Self.attempts {
      return waiting.append((held, looks + 1))
    }
    do throws(AttachError) {
      if status.isFiltered, try hasSessionsFilter(process) { return }
      counts.attached.value += UInt64(try attach(held))
    } catch {
      // It may have ended, or have got its pages from the session's supervisor or by another one's.
      if Self.isInSession(process) { return }
      if ProcessFiles.hasEnded(process) { return counts.ended.value += 1 }
      if isRefused(process) { return }
      refused = refused.filter { isRefused($0.key) }
      refused[process] = ProcessFiles.start(of: process)
      counts.refused.value += 1
      report(error, of: process)
    }
  }

  /// Prints why a process is left out, for the first ones.
  private func report(_ error: AttachError, of process: Int32) {
    switch counts.refused.value {
    case 0...UInt64(Self.mostLines):
      output.print(["demo-loader: process \(process) has entered the namespace and is not attached to: \(error)"])
    case UInt64(Self.mostLines) + 1:
      output.print([
        "demo-loader: further processes that are not attached to are only counted: \"demo-loader time\" prints their number"
      ])
    default: break
    }
  }

  private func isRefused(_ process: Int32) -> Bool {
    refused[process].map { ProcessFiles.start(of: process) == $0 } ?? false
  }

  /// Whether a process is demo-loader, which may have read its clocks already to begin a session of its own.
  private static func isLoader(_ process: Int32) -> Bool {
    ProcessFiles.programName(of: process).map { ["demo-loader", "demo-loader-cli"].contains($0) } ?? false
  }

  /// Whether a process is on the page of this session or another one.
  private static func isInSession(_ process: Int32) -> Bool {
    SessionPage(ofProcess: process) != nil || AttachedProcess(process) != nil
  }

  /// Whether the session's supervisor answers its calls already. Then the supervisor has left it on the kernel's page, or it was detached.
  private func hasSessionsFilter(_ process: Int32) throws(AttachError) -> Bool {
    guard !connection.filter.isEmpty else { return false }
    let threads = StoppedProcess(process, suspendsFilters: false)
    defer { threads.release() }
    let task = try threads.stopForCalls()
    return unsafe connection.filter.withUnsafeBufferPointer {
      unsafe linux_trace_has_this_filter(task.id, $0.baseAddress, $0.count) == 1
    }
  }
}
