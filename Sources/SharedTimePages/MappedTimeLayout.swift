/// How GNU Mach lays out its mapped time: which fields it has, and how the architecture aligns them.
///
/// From `include/mach/time_value.h`; 64-bit integers are aligned to 4 on i386 and to 8 elsewhere. The corresponding C
/// structure is `mapped_time_value`.
public struct MappedTimeLayout: Hashable, Sendable {
  /// What a kernel of some age writes.
  public enum Extent: Hashable, Sendable, CaseIterable {
    /// Seconds and microseconds of 32 bits.
    case narrow
    /// And seconds and nanoseconds of 64 bits.
    case wide
    /// And the time since boot.
    case wideWithUptime
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
      MappedTimeLayout(.wideWithUptime, isPacked: true)
    #else
      MappedTimeLayout(.wideWithUptime, isPacked: false)
    #endif
  }

  /// The size of the structure in bytes.
  public var byteCount: Int {
    switch extent {
    case .narrow: 12
    case .wide: wide + 24
    case .wideWithUptime: uptime + 24
    }
  }

  /// Where `time_value` starts: seconds, nanoseconds, then the seconds again for the check.
  var wide: Int { isPacked ? 12 : 16 }
  /// Where `uptime_value` starts, in the same order.
  var uptime: Int { wide + 24 }
}
