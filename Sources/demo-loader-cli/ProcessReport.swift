// SPDX-License-Identifier: Apache-2.0

import ELF
import Launcher
import SimulatedKernel
import VDSOResolver

/// One process in the list of `demo-loader ps`.
struct ProcessRow: Encodable {
  enum Kind: String, Encodable {
    case ours, kernel, other, none, unreadable
  }

  var pid: Int32
  var command: String
  var vdso: Kind
  var address: UInt64?
  /// The clock source of our page: host, tsc, tick or fixed.
  var clockSource: String?
  var hasOtherTime: Bool?
  /// The thread that updates the time page.
  var timekeeper: Int32?
  var hasLostTimekeeper: Bool?
  /// The number of the memory file that holds the time page.
  var session: UInt64?
  /// The name of an image that is neither ours nor the kernel's.
  var name: String?
  /// The reason why it is unreadable.
  var problem: String?

  /// Reads the state of a process; nil if it is gone or has no memory.
  init?(process: Int32) {
    guard let name = ProcessTable.name(of: process), ProcessTable.hasMemory(process) else { return nil }
    pid = process
    command = name
    do throws(VDSOSourceError) {
      switch try ProcessVDSO(of: process) {
      case .ours(let pages):
        vdso = .ours
        address = pages.header
        clockSource = pages.clockSource?.rawValue
        hasOtherTime = pages.hasOtherTime
        timekeeper = pages.timekeeper
        hasLostTimekeeper = pages.hasLostTimekeeper
        session = ProcessTable.mappedFile(of: process, at: pages.timePage)
      case .kernel(let address): (vdso, self.address) = (.kernel, address)
      case .other(let address, let name): (vdso, self.address, self.name) = (.other, address, name)
      case .none: vdso = .none
      }
    } catch {
      // The process may have ended in between.
      guard ProcessTable.hasMemory(process) else { return nil }
      (vdso, problem) = (.unreadable, error.description)
    }
  }

  /// The cells of its row in the table.
  var cells: [String] {
    let remarks = [
      hasOtherTime == true ? "another time" : nil, hasLostTimekeeper == true ? "its timekeeper has ended" : nil,
    ]
    let detail = ([name, problem] + remarks).compactMap { $0?.escapingControls }.joined(separator: ", ")
    return [
      "\(pid)", command.escapingControls, vdso.rawValue, clockSource ?? (vdso == .ours ? "traps" : ""),
      session.map { "\($0)" } ?? "", detail,
    ]
  }
}

/// The processes, and the number of each kind.
struct ProcessReport: Encodable {
  var processes: [ProcessRow]
  /// The number of processes for each kind of vDSO.
  var counts: [String: Int]
  /// The number of processes on our page for each clock source.
  var clockSources: [String: Int]
  /// What has become of processes that entered the PID namespaces of sessions.
  var entered: [EnteredReport]?

  init(_ processes: [ProcessRow]) {
    self.processes = processes
    counts = Dictionary(grouping: processes, by: \.vdso.rawValue).mapValues(\.count)
    clockSources = Dictionary(grouping: processes.compactMap(\.clockSource)) { $0 }.mapValues(\.count)
    let sessions = Dictionary(grouping: processes.filter { $0.session != nil }, by: \.session)
    var entered: [EnteredReport] = []
    for (number, rows) in sessions {
      guard let (report, below) = Launcher.entered(sessionOf: rows.map(\.pid)) else { continue }
      entered.append(EnteredReport(report, below: below, session: number))
    }
    entered.sort { ($0.session ?? 0) < ($1.session ?? 0) }
    self.entered = entered.isEmpty ? nil : entered
  }

  /// The list as text. If it is about the whole machine, processes that can't be read are only counted.
  func text(isOfAll: Bool) -> String {
    let rows = processes.filter { !isOfAll || $0.vdso != .unreadable }
    let table = Table.text(
      columns: ["pid", "command", "vDSO", "clock source", "session", "remarks"], rows: rows.map(\.cells))
    let sources = clockSources.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let kinds: [(ProcessRow.Kind, String)] = [
      (.ours, sources.isEmpty ? "on ours" : "on ours (\(sources))"), (.kernel, "on the kernel's"),
      (.other, "on another"), (.none, "on none"),
      (.unreadable, isOfAll ? "that you may not read: run as their users, or as root" : "unreadable"),
    ]
    let counted = kinds.compactMap { kind, words in counts[kind.rawValue].map { "\($0) \(words)" } }
    let lines = (entered ?? []).map { "session \($0.session ?? 0), namespace: \($0.text)\n" }
    return table + "\n\n" + lines.joined() + (counted.isEmpty ? "no processes" : counted.joined(separator: ", "))
  }
}
