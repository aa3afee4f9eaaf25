// SPDX-License-Identifier: Apache-2.0

import ELF
import Launcher
import SimulatedKernel
import VDSOResolver

/// What `demo-loader ps` says of one process.
struct ProcessRow: Encodable {
  enum Kind: String, Encodable {
    case ours, kernel, other, none, unreadable
  }

  var pid: Int32
  var command: String
  var vdso: Kind
  var address: UInt64?
  /// Of one of ours: host, tsc, tick or fixed.
  var clockSource: String?
  var hasOtherTime: Bool?
  /// The thread that keeps the time page fresh.
  var timekeeper: Int32?
  var hasLostTimekeeper: Bool?
  /// The number of the memory file that holds the time page.
  var session: UInt64?
  /// Of another's image: its own name.
  var name: String?
  /// Why it is unreadable.
  var problem: String?

  /// Looks at a process; nil if it is gone or has no memory.
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
      // It may have ended in between.
      guard ProcessTable.hasMemory(process) else { return nil }
      (vdso, problem) = (.unreadable, error.description)
    }
  }

  /// Its cells, for people.
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

/// The processes, and how many there are of each kind.
struct ProcessReport: Encodable {
  var processes: [ProcessRow]
  /// By vDSO.
  var counts: [String: Int]
  /// Of ours, by clock source.
  var clockSources: [String: Int]

  init(_ processes: [ProcessRow]) {
    self.processes = processes
    counts = Dictionary(grouping: processes, by: \.vdso.rawValue).mapValues(\.count)
    clockSources = Dictionary(grouping: processes.compactMap(\.clockSource)) { $0 }.mapValues(\.count)
  }

  /// For people. Of the processes of a whole machine, those that can't be read are counted alone.
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
    return table + "\n\n" + (counted.isEmpty ? "no processes" : counted.joined(separator: ", "))
  }
}
