// SPDX-License-Identifier: Apache-2.0

/// The layout of GNU Mach's mapped time: which fields it has, and how the architecture aligns them.
///
/// From `include/mach/time_value.h`; 64-bit integers are aligned to 4 on i386 and to 8 elsewhere. The corresponding C
/// structure is `mapped_time_value`.
public struct MappedTimeLayout: Hashable, Sendable {
  /// The fields that a kernel writes, which depend on its age.
  public enum Extent: Hashable, Sendable, CaseIterable {
    /// Seconds and microseconds of 32 bits.
    case seconds32
    /// The same, and seconds and nanoseconds of 64 bits.
    case seconds64
    /// The same, and the time since boot.
    case seconds64WithUptime
  }

  public var extent: Extent
  /// Whether 64-bit integers are aligned to 4, as on i386.
  public var isPacked: Bool

  public init(_ extent: Extent, isPacked: Bool) {
    self.extent = extent
    self.isPacked = isPacked
  }

  /// The newest layout of this machine.
  public static var native: MappedTimeLayout {
    #if arch(i386)
      MappedTimeLayout(.seconds64WithUptime, isPacked: true)
    #else
      MappedTimeLayout(.seconds64WithUptime, isPacked: false)
    #endif
  }

  /// The size of the structure in bytes.
  public var byteCount: Int {
    switch extent {
    case .seconds32: 12
    case .seconds64: seconds64 + 24
    case .seconds64WithUptime: uptime + 24
    }
  }

  /// The offset of `time_value`: seconds, nanoseconds, and the seconds once more for the check.
  var seconds64: Int { isPacked ? 12 : 16 }
  /// The offset of `uptime_value`, which has the same order.
  var uptime: Int { seconds64 + 24 }
}

/// A time as Mach gives it. The corresponding C structure is `time_value64`.
public struct MappedTime: Hashable, Sendable {
  public var seconds: Int64
  /// Nanoseconds below 1,000,000,000; a multiple of 1,000 if the page has microseconds only.
  public var nanoseconds: Int64

  public init(seconds: Int64, nanoseconds: Int64) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}
