// SPDX-License-Identifier: Apache-2.0

public import CVDSO
@_exported public import LinuxTypes

extension vdso_time_data_t {
  /// The state of clock `id`, which must be below VDSO_CLOCK_COUNT.
  public subscript(id: ClockID) -> vdso_clock_t {
    get {
      precondition((0..<Int32(VDSO_CLOCK_COUNT)).contains(id.rawValue), "this clock has no entry in the page")
      return unsafe withUnsafeBytes(of: clocks) {
        unsafe $0.load(fromByteOffset: Int(id.rawValue) * MemoryLayout<vdso_clock_t>.stride, as: vdso_clock_t.self)
      }
    }
    set {
      precondition((0..<Int32(VDSO_CLOCK_COUNT)).contains(id.rawValue), "this clock has no entry in the page")
      unsafe withUnsafeMutableBytes(of: &clocks) {
        unsafe $0.storeBytes(
          of: newValue, toByteOffset: Int(id.rawValue) * MemoryLayout<vdso_clock_t>.stride, as: vdso_clock_t.self)
      }
    }
  }

  /// Whether a monotonic clock that stands in both states is at an earlier time in this one than in `other`.
  package func isBehind(_ other: vdso_time_data_t) -> Bool { ClockID.paged.contains { isBehind(other, $0) } }

  private func isBehind(_ other: vdso_time_data_t, _ id: ClockID) -> Bool {
    let (own, others) = (self[id], other[id])
    let stand = own.source == UInt32(VDSO_SOURCE_PUBLISHED) && others.source == own.source
    return !id.isDate && stand && (own.seconds, own.phase) < (others.seconds, others.phase)
  }

  /// Has the monotonic clocks that stand in both states be where they are in `other`, if they would be earlier.
  package mutating func keepUp(with other: vdso_time_data_t) {
    for id in ClockID.paged where isBehind(other, id) { self[id] = other[id] }
  }

  /// Has monotonic clocks that stand from tick to tick stand at a later time. A coarse clock gets that of the clock that it approximates.
  /// Clocks that a map makes stand stay as they are.
  package mutating func advanceTicks(by nanoseconds: Int64) {
    let ticks = self
    for id in ClockID.paged where !id.isDate && map(of: id)?.isFrozen != true {
      let clock = ticks[id.fineKind]
      guard self[id].source == UInt32(VDSO_SOURCE_PUBLISHED), clock.source == self[id].source else { continue }
      let time = Timespec(seconds: clock.seconds, nanoseconds: UInt32(clock.phase >> 32)).nanosecondsSinceEpoch
      self[id] = .published(
        at: Timespec(nanosecondsSinceEpoch: time &+ nanoseconds), resolution: clock.resolution)
    }
  }

  /// Sets the map that is applied to readings of the host's clock `id`.
  mutating func setMap(_ map: vdso_clock_map_t, of id: ClockID) {
    precondition((0..<Int32(VDSO_CLOCK_COUNT)).contains(id.rawValue), "this clock has no entry in the page")
    unsafe withUnsafeMutableBytes(of: &maps) {
      unsafe $0.storeBytes(
        of: map, toByteOffset: Int(id.rawValue) * MemoryLayout<vdso_clock_map_t>.stride, as: vdso_clock_map_t.self)
    }
  }
}

extension vdso_clock_t {
  /// A clock that stands at `time` until the next state is published.
  public static func published(at time: Timespec, resolution: UInt32) -> vdso_clock_t {
    var clock = vdso_clock_t()
    clock.seconds = time.seconds
    clock.phase = UInt64(time.nanoseconds) << 32
    clock.source = UInt32(VDSO_SOURCE_PUBLISHED)
    clock.resolution = resolution
    return clock
  }

  /// A clock that is at `time` plus `fraction` / 2^32 nanoseconds when the counter is at `base`, gains `mult` / 2^32 nanoseconds per cycle,
  /// and is valid for `limit` cycles.
  public static func counting(
    from time: Timespec, fraction: UInt32 = 0, by counter: CycleCounter, at base: UInt64, mult: UInt64, limit: UInt64
  ) -> vdso_clock_t {
    let start = UInt64(time.nanoseconds) << 32 | UInt64(fraction)
    let low = UInt64(UInt32(truncatingIfNeeded: base))
    var clock = vdso_clock_t()
    clock.source = counter.rawValue
    clock.resolution = 1
    clock.base = base
    clock.limit = limit
    clock.mult = mult
    clock.phase = start &- base &* mult
    clock.seconds = time.seconds
    clock.window_phase = start &- low &* mult
    clock.window = window(from: start, low: UInt32(low), mult: mult, limit: limit)
    return clock
  }

  /// Cycles until the nanoseconds reach a second, the counter's low word wraps, or the clock is too old.
  private static func window(from start: UInt64, low: UInt32, mult: UInt64, limit: UInt64) -> UInt32 {
    let untilCarry = ((1_000_000_000 << 32) - 1 - start) / max(mult, 1)
    return UInt32(min(untilCarry, UInt64(UInt32.max - low), limit))
  }

  /// The clock's nanoseconds past `seconds` when the counter is at `counter`.
  public func nanoseconds(atCounter counter: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: (phase &+ counter &* mult) >> 32)
  }
}
