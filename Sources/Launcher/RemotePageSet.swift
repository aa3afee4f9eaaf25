// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CVDSO
public import SimulatedKernel

/// Our pages in a running process: their addresses, and the time that its clocks show.
///
/// A value: a copy of what was read, which may have changed since.
public struct RemotePageSet: Hashable, Sendable {
  public let process: Int32
  /// The address of the code page, which AT_SYSINFO_EHDR has.
  public let header: UInt64
  /// The address of the shared time page.
  public var timePage: UInt64 { header - 2 * Self.stride }
  /// The clock source, never `.auto`; nil if the page says that every call traps.
  public let clockSource: ClockSource?
  /// Whether a clock of it differs from the host's.
  public let hasOtherTime: Bool
  /// The thread that updates the time page, by its id in its own PID namespace; nil if none is needed.
  public let timekeeper: Int32?
  /// Whether that thread has ended, so that readers ask the host.
  public let hasLostTimekeeper: Bool

  private static let pageSize = UInt64(VDSO_PAGE_SIZE)
  private static let stride = UInt64(VDSO_PAGE_STRIDE)

  /// Reads the pages whose code page is at `header`; nil if there is none of our pages.
  ///
  /// The caller needs the right to trace the process (`PTRACE_MODE_ATTACH_REALCREDS`).
  public init?(process: Int32, header: UInt64) {
    let memory = ProcessMemory(pid: process)
    guard header >= 2 * Self.stride, CodePage.hasMachHeader(memory.bytes(at: header, count: Int(Self.pageSize))),
      let page = Self.timePage(in: memory, at: header - 2 * Self.stride)
    else { return nil }
    self.process = process
    self.header = header
    let data = page.published
    clockSource = data.clockSource
    hasOtherTime = ClockID.all.contains { !data.isHosts($0) }
    timekeeper = page.timekeeper
    hasLostTimekeeper = page.hasLostTimekeeper
  }

  /// A copy during which nothing was written, as far as a few attempts can get one.
  private static func timePage(in memory: ProcessMemory, at address: UInt64) -> TimePageCopy? {
    func copy() -> TimePageCopy? { TimePageCopy(memory.bytes(at: address, count: Int(pageSize))) }
    var page = copy()
    for _ in 0..<4 {
      let next = copy()
      if next?.sequence == page?.sequence { break }
      page = next
    }
    return page
  }
}
