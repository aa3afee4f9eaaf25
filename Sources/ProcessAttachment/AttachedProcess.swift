// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
import ProcessSupport
import SimulatedKernel
import VDSOResolver

/// A running process in which the kernel's clock functions jump to a page of ours.
///
/// The process is no longer traced, and doesn't depend on the process that attached to it.
public struct AttachedProcess {
  /// The functions that are changed, where the kernel's image has them.
  static let functions: [VDSOFunction] = [.clockGettime, .gettimeofday, .time, .clockGetres, .clockGettime64]
  static let stride = UInt64(VDSO_PAGE_STRIDE)

  public let process: Int32
  /// The address of the code page.
  public let header: UInt64
  /// The number of threads that were stopped, and for how many nanoseconds; 0 if this process has not attached.
  public internal(set) var threadCount = 0
  public internal(set) var stopTime: Int64 = 0
  /// Whether a monotonic clock of a thread may have gone back, because this process was kept from stopping the thread in time.
  public internal(set) var mayHaveGoneBack = false
  /// The kernel's image.
  let image: VDSOImage
  private(set) var record: AttachmentRecord
  /// Why the filter isn't installed, where it was to be.
  public internal(set) var filterFailure: String?
  /// The supervisor that answers its calls after it was detached, by its own number for itself; nil without a filter.
  public internal(set) var remainingSupervisor: Int32?

  /// Whether it is a 32-bit program.
  public var is32Bit: Bool { image.width == .bits32 }

  /// The pages, the time page first.
  var pages: Range<UInt64> { header - 2 * Self.stride..<header + 2 * Self.stride }
  /// The code page and the moved code.
  var code: Range<UInt64> { header..<header + 2 * Self.stride }

  /// The number of the session's time page.
  public var session: UInt64? {
    TimePageCopy(ProcessMemory(pid: process).bytes(at: pages.lowerBound, count: Int(VDSO_PAGE_SIZE)))?.session
  }

  /// Checks whether a process is attached; nil if it isn't, or can't be read.
  public init?(_ process: Int32) {
    guard let maps = try? SmallFile.contents(of: "/proc/\(process)/maps"), case let map = ProcessMap(maps),
      !map.codePages.isEmpty, let vdso = map.vdso,
      let image = try? VDSOImage(in: ProcessMemory(pid: process), at: vdso.lowerBound)
    else { return nil }
    self.init(process, image)
  }

  /// The same by the kernel's image in the process.
  init?(_ process: Int32, _ image: VDSOImage) {
    let memory = ProcessMemory(pid: process)
    guard let function = Self.functions.lazy.compactMap({ image.resolve($0).address }).first,
      let target = Prologue.target(
        ofJump: memory.bytes(at: function, count: Prologue.jumpSize), at: function, image.width)
    else { return nil }
    let header = target & ~(UInt64(VDSO_PAGE_SIZE) - 1)
    guard CodePage.hasMachHeader(memory.bytes(at: header, count: Int(VDSO_PAGE_SIZE))),
      let record = Self.record(in: memory, behind: header),
      record.functions.contains(where: { $0.address == function })
    else { return nil }
    self.init(process: process, header: header, image: image, record: record)
  }

  /// The pages that an interrupted attach or detach has left in a process: no function jumps to them.
  public init?(leftIn process: Int32) {
    guard let maps = try? SmallFile.contents(of: "/proc/\(process)/maps") else { return nil }
    let (map, memory) = (ProcessMap(maps), ProcessMemory(pid: process))
    guard let vdso = map.vdso, let image = try? VDSOImage(in: memory, at: vdso.lowerBound) else { return nil }
    for range in map.codePages {
      guard let record = Self.record(in: memory, behind: range.lowerBound) else { continue }
      self.init(process: process, header: range.lowerBound, image: image, record: record)
      return
    }
    return nil
  }

  /// The record behind a code page; nil if there is none.
  private static func record(in memory: ProcessMemory, behind header: UInt64) -> AttachmentRecord? {
    let page = header &+ stride
    return AttachmentRecord(memory.bytes(at: page, count: AttachmentRecord.byteCount), at: page)
  }

  /// Whether its system calls pass the session's filter.
  public var hasSessionsFilter: Bool { record.hasSessionsFilter }

  /// Notes in the process whether its calls are about to pass the session's filter.
  mutating func markFilter(_ isThere: Bool) throws(AttachError) {
    record.hasSessionsFilter = isThere
    let bytes = record.bytes(at: header + Self.stride)
    try overwrite(
      Array(bytes[AttachmentRecord.filterOffset..<AttachmentRecord.filterOffset + 16]), in: process,
      at: header + Self.stride + UInt64(AttachmentRecord.filterOffset))
  }

  init(process: Int32, header: UInt64, image: VDSOImage, record: AttachmentRecord) {
    (self.process, self.header, self.image, self.record) = (process, header, image, record)
  }
}
