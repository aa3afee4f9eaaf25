// SPDX-License-Identifier: Apache-2.0

// A time page of another process, read from a copy of its bytes.
//
// Assumes: the structures of vdso.h consist of numbers, so that all bytes are valid. Loads stay inside the array, whose size is checked.

public import CVDSO
public import LinuxTypes

/// The contents of a time page at some moment.
public struct TimePageCopy {
  private let page: vdso_time_page_t

  /// Takes the bytes of a page; nil for those that are no time page of this version.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == MemoryLayout<vdso_time_page_t>.size else { return nil }
    page = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: vdso_time_page_t.self) }
    guard page.magic == UInt32(VDSO_TIME_MAGIC), page.version == UInt32(VDSO_TIME_VERSION) else { return nil }
  }

  /// The number of changes so far. If the page still has the same number after it was copied, the copy is consistent.
  public var sequence: UInt32 { page.sequence }

  /// The state that readers saw.
  public var published: vdso_time_data_t { page.sequence & 1 == 0 ? page.copy0 : page.copy1 }

  /// The number of the session whose programs share the page; nil for a page of one program.
  public var session: UInt64? { page.session == 0 ? nil : page.session }

  /// The thread that updates the page, by its id in its own PID namespace; nil if none is needed.
  public var timekeeper: Int32? {
    // The corresponding C constant is `FUTEX_TID_MASK`.
    let thread = page.timekeeper & 0x3fff_ffff
    return thread == 0 ? nil : Int32(thread)
  }

  /// Whether that thread has ended.
  public var hasLostTimekeeper: Bool { page.timekeeper & UInt32(VDSO_TIMEKEEPER_DIED) != 0 }
}

extension vdso_time_data_t {
  /// Whether clock `id` is the host's, because it has no map, or one that changes nothing.
  public func isHosts(_ id: ClockID) -> Bool { map(of: id) == nil }

  /// The clock source; nil if every call traps. The corresponding C constants are `VDSO_MODE_*`.
  public var clockSource: ClockSource? {
    switch Int(mode) {
    case Int(VDSO_MODE_COUNTER): .tsc
    case Int(VDSO_MODE_HOST): .host
    case Int(VDSO_MODE_TICK): .tick
    case Int(VDSO_MODE_FIXED): .fixed
    default: nil
    }
  }
}
