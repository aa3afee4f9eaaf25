// SPDX-License-Identifier: Apache-2.0

public import TimePages

extension VirtualClock {
  /// What the host's clock `id`, now at `reading`, will be at when this clock comes to `deadline`.
  ///
  /// A clock that stands, or goes on by steps, never comes there by itself: the distance then lasts as long as the host says.
  public func hostDeadline(_ deadline: Int64, on id: ClockID, at reading: Int64) -> Int64 {
    guard let map = maps[id] else { return deadline }
    guard !map.isFrozen else {
      return clamped(Int128(reading) + Int128(deadline) - Int128(value(of: id, at: reading)))
    }
    let distance = Int128(deadline) - Int128(map.anchorTo)
    return clamped(Int128(map.anchorFrom) + map.hostDuration(max(distance, map.isOffset ? distance : 0)))
  }

  /// How long `duration` nanoseconds of clock `id` last by the host's.
  public func hostDuration(_ duration: Int64, on id: ClockID) -> Int64 {
    guard let map = maps[id], !map.isFrozen else { return duration }
    return clamped(map.hostDuration(Int128(duration)))
  }

  /// How many nanoseconds clock `id` gains in `duration` of the host's.
  public func duration(ofHost duration: Int64, on id: ClockID) -> Int64 {
    guard let map = maps[id], !map.isFrozen else { return duration }
    return clamped((Int128(duration) * Int128(map.rate)) >> 32)
  }

  /// Times that a deadline can be: before the epoch none, for the kernel refuses them.
  private func clamped(_ nanoseconds: Int128) -> Int64 { Int64(clamping: max(nanoseconds, 0)) }
}

extension ClockMap {
  /// Nanoseconds of the host that as many of this clock last, rounded up.
  fileprivate func hostDuration(_ duration: Int128) -> Int128 {
    rate == Self.unitRate ? duration : ((duration << 32) + Int128(rate) - 1) / Int128(rate)
  }
}
