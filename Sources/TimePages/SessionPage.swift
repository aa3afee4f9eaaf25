// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
public import LinuxTypes

/// The page of a session that a process is on.
public struct SessionPage {
  private static let pageSize = UInt64(VDSO_PAGE_SIZE)
  private static let stride = UInt64(VDSO_PAGE_STRIDE)

  /// The address of the code page, from the process's auxiliary vector.
  public let header: UInt64
  /// A copy of the time page.
  public let time: TimePageCopy

  /// Reads the page of a running process; nil if it is on no page of a session, or can't be read.
  ///
  /// The caller needs the right to trace the process (`PTRACE_MODE_ATTACH_REALCREDS`).
  public init?(ofProcess process: Int32) {
    guard let header = (try? AuxiliaryVector.ofProcess(process))?.vector[.vdso] else { return nil }
    self.init(ProcessMemory(pid: process), header)
  }

  /// The page of this process.
  public static var current: SessionPage? { SessionPage(.own, AuxvKey.vdso.valueInThisProcess) }

  private init?(_ memory: ProcessMemory, _ header: UInt64) {
    guard header >= 2 * Self.stride,
      let time = TimePageCopy(memory.bytes(at: header - 2 * Self.stride, count: Int(Self.pageSize)))
    else { return nil }
    self.header = header
    self.time = time
  }

  /// The addresses of the three pages and of the memory between them.
  public var pages: Range<UInt64> { header - 2 * Self.stride..<header + Self.pageSize }

  /// How the clocks differ from the host's.
  public var maps: [ClockID: ClockMap] {
    var result: [ClockID: ClockMap] = [:]
    for id in ClockID.all { result[id] = time.published.map(of: id) }
    return result
  }

  /// Whether any clock is stepped, which no page can serve.
  public var hasSteps: Bool { time.published.traps != 0 }
}
