// SPDX-License-Identifier: Apache-2.0

public import TimePages

extension VirtualClock {
  /// The reading of the host's clock `id` at which this clock reaches `deadline`; the host's clock is now at `reading`.
  ///
  /// A clock that stands or steps never reaches the deadline by itself. The wait then lasts as long as on the host.
  public func hostDeadline(_ deadline: Int64, on id: ClockID, at reading: Int64) -> Int64 {
    guard let map = maps[id] else { return deadline }
    guard !map.isFrozen else {
      return clamped(Int128(reading) + Int128(deadline) - Int128(value(of: id, at: reading)))
    }
    let distance = Int128(deadline) - Int128(map.anchorTo)
    return clamped(Int128(map.anchorFrom) + map.hostDuration(max(distance, map.isOffset ? distance : 0)))
  }

  /// The duration on the host's clock of `duration` nanoseconds of clock `id`.
  public func hostDuration(_ duration: Int64, on id: ClockID) -> Int64 {
    guard let map = maps[id], !map.isFrozen else { return duration }
    return clamped(map.hostDuration(Int128(duration)))
  }

  /// The nanoseconds that clock `id` gains while the host's gains `duration`.
  public func duration(ofHost duration: Int64, on id: ClockID) -> Int64 {
    guard let map = maps[id], !map.isFrozen else { return duration }
    return clamped((Int128(duration) * Int128(map.rate)) >> 32)
  }

  /// Limits a deadline to times after the epoch, because the kernel refuses others.
  private func clamped(_ nanoseconds: Int128) -> Int64 { Int64(clamping: max(nanoseconds, 0)) }
}

extension ClockMap {
  /// The host's nanoseconds for a number of this clock's, rounded up.
  fileprivate func hostDuration(_ duration: Int128) -> Int128 {
    rate == Self.unitRate ? duration : ((duration << 32) + Int128(rate) - 1) / Int128(rate)
  }
}
