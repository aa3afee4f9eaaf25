// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF
import ExecEngine
import TimePages
import VDSOResolver

/// How a session's page begins to be read: what is done while all threads are stopped.
public final class PageStart {
  /// Nanoseconds for which clocks are made to stand.
  private static let margin: Int64 = 2_000_000

  /// Whether clocks of the page may fall behind the kernel's.
  let mayLag: Bool
  private let show: (_ ahead: Int64) throws(AttachError) -> Void
  /// The time, as uptime, at which the page's clocks stand until then.
  private var standing: Int64 = .min

  /// With `ahead` nanoseconds, `show` makes the page's monotonic clocks stand at the time that will be then, until then. With 0 it returns
  /// when they aren't behind the present.
  public init(mayLag: Bool, show: @escaping (_ ahead: Int64) throws(AttachError) -> Void) {
    (self.mayLag, self.show) = (mayLag, show)
  }

  /// Makes the clocks stand ahead of what the kernel's show in the near future.
  func stand() throws(AttachError) {
    let now = HostClock.uptime
    guard now + Self.margin / 2 > standing else { return }
    // Taken first, so that the page's clocks are not behind it.
    standing = now + Self.margin
    try show(Self.margin)
  }

  /// Whether the clocks stand ahead of what the kernel's showed at an uptime.
  func stands(at uptime: Int64) -> Bool { uptime < standing }

  /// Has the clocks go.
  func go() throws(AttachError) {
    while stands(at: HostClock.uptime) { HostClock.sleep(nanoseconds: 50_000) }
    try show(0)
  }
}

/// The kernel's code that reads clocks in a process: the functions of the image for that, their moved first instructions, and functions
/// without a name, which they call.
struct ClockCode {
  private let image: Range<UInt64>
  private let moved: Range<UInt64>
  /// The addresses at which the functions begin: a thread that is there has read nothing yet.
  private let entries: [UInt64]
  private let otherFunctions: [Range<UInt64>]

  init(_ image: VDSOImage, _ record: AttachmentRecord, _ moved: Range<UInt64>) {
    self.moved = moved
    let entries = record.functions.map { $0.address }
    self.entries = entries
    let (end, overflow) = image.address.addingReportingOverflow(image.object.vdsoExtent ?? 0)
    self.image = image.address..<(overflow ? .max : end)
    // A thread may wait in one of these for long: __kernel_vsyscall makes all system calls of a 32-bit program.
    otherFunctions = ((try? image.object.symbols.defined()) ?? []).compactMap { symbol in
      let start = image.loadBias &+ symbol.value
      let (end, overflow) = start.addingReportingOverflow(symbol.size)
      return overflow || entries.contains(start) ? nil : start..<end
    }
  }

  func contains(_ address: UInt64) -> Bool {
    moved.contains(address)
      || image.contains(address) && !entries.contains(address) && !otherFunctions.contains { $0.contains(address) }
  }
}
