// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ExecEngine
import ProcessSupport
import TimePages
import VDSOResolver

/// What finds the listening end of a filter that a killed process has installed.
public struct ListenerSearch {
  private static let attempts = 500
  private static let closingAttempts = 50
  private static let pause: UInt64 = 2_000_000

  private let process: Int32
  private let site: CallSite
  private let suspendsFilters: Bool
  /// Those that the process has for purposes of its own.
  private let known: [Int32]

  init(_ process: Int32, _ site: CallSite, suspendsFilters: Bool) {
    (self.process, self.site, self.suspendsFilters) = (process, site, suspendsFilters)
    known = Self.listeners(process)
  }

  /// Searches a process that had none of its own.
  public init?(_ process: Int32) {
    guard let maps = try? SmallFile.contents(of: "/proc/\(process)/maps"), let vdso = ProcessMap(maps).vdso,
      let image = try? VDSOImage(in: ProcessMemory(pid: process), at: vdso.lowerBound), let site = CallSite(image)
    else { return nil }
    (self.process, self.site, suspendsFilters, known) = (process, site, !TaskStatus.mayNotSuspendFilters, [])
  }

  /// Waits until there is one, or no thread is in a call that it was made to make; returns a copy of the listening end, and leaves none in
  /// the process if that can be stopped; nil without one.
  public func find() -> Int32? {
    for _ in 0..<Self.attempts {
      if let number = Self.listeners(process).first(where: { !known.contains($0) }) {
        // First of all: a process that traces this one may wait for an answer.
        let listener = FilterInstallation.copy(number, of: process)
        guard listener >= 0 else { return nil }
        for _ in 0..<Self.closingAttempts where !close(number) { HostClock.sleep(nanoseconds: Self.pause) }
        return listener
      }
      let threads = StoppedProcess(process, suspendsFilters: suspendsFilters)
      defer { threads.release() }
      if (try? threads.stopAll()) != nil, !threads.stopped.contains(where: { isAtWork($0) }),
        Self.listeners(process).allSatisfy({ known.contains($0) })
      {
        return nil
      }
      guard ProcessFiles.state(of: process) != nil else { return nil }
      threads.release()
      HostClock.sleep(nanoseconds: Self.pause)
    }
    return nil
  }

  private func isAtWork(_ task: TracedTask) -> Bool {
    guard var registers = try? task.registers() else { return false }
    return unsafe site.gap.contains(linux_program_counter(&registers))
  }

  /// Closes a descriptor of the process; false if no thread can be made to do that now.
  private func close(_ number: Int32) -> Bool {
    let threads = StoppedProcess(process, suspendsFilters: suspendsFilters)
    defer { threads.release() }
    guard let task = try? threads.stopForCalls(), !isAtWork(task),
      let calls = try? CallInjector(task, site)
    else { return false }
    _ = try? calls.call(site.numbers.close, UInt64(number))
    try? calls.end()
    return true
  }

  static func listeners(_ process: Int32) -> [Int32] {
    unsafe idList { unsafe linux_listeners_of(process, $0, $1) }
  }
}
