// SPDX-License-Identifier: Apache-2.0

/// How GNU Mach lays out its mapped time: which fields it has, and how the architecture aligns them.
///
/// From `include/mach/time_value.h`; 64-bit integers are aligned to 4 on i386 and to 8 elsewhere. The corresponding C
/// structure is `mapped_time_value`.
public struct MappedTimeLayout: Hashable, Sendable {
  /// What a kernel of some age writes.
  public enum Extent: Hashable, Sendable, CaseIterable {
    /// Seconds and microseconds of 32 bits.
    case seconds32
    /// And seconds and nanoseconds of 64 bits.
    case seconds64
    /// And the time since boot.
    case seconds64WithUptime
  }

  public var extent: Extent
  /// Whether it is i386's.
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

  /// Where `time_value` starts: seconds, nanoseconds, then the seconds again for the check.
  var seconds64: Int { isPacked ? 12 : 16 }
  /// Where `uptime_value` starts, in the same order.
  var uptime: Int { seconds64 + 24 }
}

/// A time as Mach gives it. The corresponding C structure is `time_value64`.
public struct MappedTime: Hashable, Sendable {
  public var seconds: Int64
  /// Below 1,000,000,000; whole microseconds where the page has no more.
  public var nanoseconds: Int64

  public init(seconds: Int64, nanoseconds: Int64) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}
