import AuxvLoader
import CVDSO
import ELF
public import SimulatedKernel

/// Our pages as they lie in a running process: where they are, and what its clocks show by them.
///
/// A value: a copy of what was read, which may have changed since.
public struct ProcessPages: Hashable, Sendable {
  public let process: Int32
  /// The address of the code page: what AT_SYSINFO_EHDR says.
  public let header: UInt64
  /// The address of the shared time page.
  public var timePage: UInt64 { header - 2 * Self.pageSize }
  /// Where time comes from, never `.auto`; nil where the page says that every call traps.
  public let clockSource: ClockSource?
  /// Whether a clock of it differs from the host's.
  public let hasOtherTime: Bool
  /// The thread that keeps the time page fresh, by its own number for itself; nil where nobody is needed.
  public let keeper: Int32?
  /// Whether that thread has ended: readers ask the host.
  public let hasLostKeeper: Bool

  private static let pageSize = UInt64(VDSO_PAGE_SIZE)

  /// Reads the pages whose code page is at `header`; nil where there are none of ours.
  ///
  /// The caller needs the right to trace the process (`PTRACE_MODE_ATTACH_REALCREDS`).
  public init?(process: Int32, header: UInt64) {
    let memory = ProcessMemory(pid: process)
    guard header >= 2 * Self.pageSize, Self.isOurs(memory.bytes(at: header, count: Int(Self.pageSize))),
      let page = Self.timePage(in: memory, at: header - 2 * Self.pageSize)
    else { return nil }
    self.process = process
    self.header = header
    let data = Self.firstCopy + Int(page.word(8) & 1) * Self.copySize
    clockSource = ClockSource(mode: page.word(data + Self.mode))
    hasOtherTime = (0..<Int(VDSO_CLOCK_COUNT)).contains { clock in
      let map = data + Self.maps + clock * Self.mapSize
      let (from, to, rate) = (page.doubleWord(map), page.doubleWord(map + 8), page.doubleWord(map + 16))
      return rate != 0 && (rate != ClockMap.unitRate || from != to)
    }
    // FUTEX_TID_MASK.
    let thread = page.word(12) & 0x3fff_ffff
    keeper = thread == 0 ? nil : Int32(thread)
    hasLostKeeper = page.word(12) & UInt32(VDSO_KEEPER_DIED) != 0
  }

  // Offsets of vdso.h: `vdso_time_page_t`, `vdso_time_data_t`, `vdso_clock_map_t`.
  private static let (firstCopy, copySize) = (64, 2048)
  private static let (maps, mapSize, mode) = (768, 32, 1152)

  /// A whole page in which nothing was written meanwhile, as far as a few attempts can tell.
  private static func timePage(in memory: ProcessMemory, at address: UInt64) -> [UInt8]? {
    var page: [UInt8] = []
    for _ in 0..<4 {
      page = memory.bytes(at: address, count: Int(pageSize))
      guard page.count == Int(pageSize), page.word(0) == UInt32(VDSO_TIME_MAGIC),
        page.word(4) == UInt32(VDSO_TIME_VERSION)
      else { return nil }
      let after = memory.bytes(at: address + 8, count: 4)
      if after.count == 4, after.word(0) == page.word(8) { break }
    }
    return page
  }

  /// Whether a code page has our Mach header in its place.
  private static func isOurs(_ code: [UInt8]) -> Bool {
    code.count == Int(pageSize) && code.word(Int(VDSO_HEADER_OFFSET)) == UInt32(VDSO_MAGIC)
  }
}

extension [UInt8] {
  /// The little-endian 32-bit word at an offset inside.
  fileprivate func word(_ offset: Int) -> UInt32 {
    ByteOrder.littleEndian.word(UInt32.self, in: self, at: offset) ?? 0
  }

  fileprivate func doubleWord(_ offset: Int) -> UInt64 {
    ByteOrder.littleEndian.word(UInt64.self, in: self, at: offset) ?? 0
  }
}

extension ClockSource {
  /// That of a mode in a time page. The corresponding C constants are `VDSO_MODE_*`.
  fileprivate init?(mode: UInt32) {
    switch Int(mode) {
    case Int(VDSO_MODE_COUNTER): self = .tsc
    case Int(VDSO_MODE_HOST): self = .host
    case Int(VDSO_MODE_TICK): self = .tick
    case Int(VDSO_MODE_FIXED): self = .fixed
    default: return nil
    }
  }
}
