// SPDX-License-Identifier: Apache-2.0

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
