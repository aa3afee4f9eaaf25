// SPDX-License-Identifier: Apache-2.0

public import CVDSO
public import LinuxTypes

/// The map from the host's clock to a clock of the page, an affine line or an offset, which is applied to each reading of the host.
///
/// The corresponding C type is `vdso_clock_map_t`.
public struct ClockMap: Hashable, Sendable {
  /// The rate of a clock that goes as fast as the host's.
  public static let unitRate: UInt64 = 1 << 32

  /// A reading of the host's clock, in nanoseconds; earlier readings count as this one.
  public let anchorFrom: Int64
  /// The value of the clock, in nanoseconds, when the host's is at `anchorFrom`.
  public let anchorTo: Int64
  /// Nanoseconds per nanosecond of the host, 32.32. Never 0.
  public let rate: UInt64

  /// A clock `offset` nanoseconds ahead of the host's.
  public init(offset: Int64) {
    (anchorFrom, anchorTo, rate) = (0, offset, Self.unitRate)
  }

  /// A clock that stands at `time` forever, because every reading of the host is before the anchor.
  public init(frozenAt time: Int64) {
    (anchorFrom, anchorTo, rate) = (.max, time, Self.unitRate)
  }

  /// A clock that is at `time` when the host's is at `start`, and goes at `rate` from there, which must not be 0.
  public init(from start: Int64, to time: Int64, rate: UInt64) {
    precondition(rate != 0, "a map of rate 0 stands")
    (anchorFrom, anchorTo, self.rate) = (start, time, rate)
  }

  /// The same clock, `nanoseconds` ahead.
  public func shifted(by nanoseconds: Int64) -> ClockMap {
    ClockMap(anchorFrom: anchorFrom, anchorTo: anchorTo &+ nanoseconds, rate: rate)
  }

  /// The same clock with an anchor as early as possible: in a time namespace, the host's clock may be behind the anchor.
  public var reachingBack: ClockMap {
    guard !isOffset, !isFrozen, anchorFrom > 0, anchorTo > 0 else { return self }
    // In units of 2^32 ns the products are exact. An anchor of 0 would make a map of rate 1 one by an offset.
    let units = min(UInt64(anchorFrom - 1) >> 32, UInt64(anchorTo) / rate)
    return ClockMap(
      anchorFrom: anchorFrom - Int64(units << 32), anchorTo: anchorTo - Int64(units * rate), rate: rate)
  }

  private init(anchorFrom: Int64, anchorTo: Int64, rate: UInt64) {
    (self.anchorFrom, self.anchorTo, self.rate) = (anchorFrom, anchorTo, rate)
  }

  /// The clock's value when the host's clock is at `host`, as readers of the page compute it.
  public func value(at host: Int64) -> Int64 {
    let distance = Int128(host) - Int128(anchorFrom)
    let counted = isOffset ? distance : max(0, distance)
    return Int64(truncatingIfNeeded: Int128(anchorTo) + ((counted * Int128(rate)) >> 32))
  }

  /// Whether the clock is ahead of the host's by a constant.
  public var isOffset: Bool { rate == Self.unitRate && anchorFrom == 0 }

  /// The host's clock from whose readings the map computes those of clock `id`.
  ///
  /// At a rate, a tick of the host's would be longer or shorter than one of the clock's. A coarse clock is then computed from the clock
  /// that it approximates, and has the same resolution.
  public func hostClock(of id: ClockID) -> ClockID {
    guard !isOffset && !isFrozen else { return id }
    return id.fineKind
  }

  /// Whether the clock is the host's.
  public var isIdentity: Bool { isOffset && anchorTo == 0 }

  /// Whether the clock stands.
  public var isFrozen: Bool { anchorFrom == .max }

  /// The whole seconds by which the clock is ahead of the host's, if the map is nothing else.
  private var wholeSeconds: Int64? {
    guard isOffset, anchorTo % 1_000_000_000 == 0 else { return nil }
    return anchorTo / 1_000_000_000
  }

  /// The map in the page's format.
  fileprivate var published: vdso_clock_map_t {
    var map = vdso_clock_map_t()
    if isOffset {
      let offset = Timespec(nanosecondsSinceEpoch: anchorTo)
      map.kind = UInt32(VDSO_MAP_OFFSET)
      (map.to, map.from) = (offset.seconds, Int64(offset.nanoseconds))
    } else {
      map.kind = UInt32(VDSO_MAP_LINE)
      (map.from, map.to, map.rate) = (anchorFrom, anchorTo, rate)
    }
    return map
  }

  /// Converts a map from the page's format; nil for the map that changes nothing.
  fileprivate init?(_ published: vdso_clock_map_t) {
    switch published.kind {
    case UInt32(VDSO_MAP_OFFSET) where published.to != 0 || published.from != 0:
      self.init(offset: published.to &* 1_000_000_000 &+ published.from)
    case UInt32(VDSO_MAP_LINE) where published.rate != 0:
      self.init(from: published.from, to: published.to, rate: published.rate)
    default: return nil
    }
  }

  /// `clock`, a state of the host's clock, with the map applied.
  ///
  /// A clock that the page itself can't serve becomes host-backed: readers ask the host and then apply the map.
  fileprivate func applied(to clock: vdso_clock_t) -> vdso_clock_t {
    if isFrozen {
      return .published(at: Timespec(nanosecondsSinceEpoch: anchorTo), resolution: 1)
    }
    guard clock.source != UInt32(VDSO_SOURCE_HOST), let wholeSeconds else { return vdso_clock_t() }
    var clock = clock
    clock.seconds += wholeSeconds
    return clock
  }

  /// The state of the host's clock from which `applied` makes `clock`; a host-backed one if there is none.
  package func removed(from clock: vdso_clock_t) -> vdso_clock_t {
    guard clock.source != UInt32(VDSO_SOURCE_HOST), !isFrozen, let wholeSeconds else { return vdso_clock_t() }
    var clock = clock
    clock.seconds -= wholeSeconds
    return clock
  }
}

extension vdso_time_data_t {
  /// Applies `map` to clock `id`, and to readings that fall back to the host.
  package mutating func apply(_ map: ClockMap, to id: ClockID) {
    self[id] = map.applied(to: self[id])
    var published = map.published
    published.below = UInt32(id.rawValue - map.hostClock(of: id).rawValue)
    setMap(published, of: id)
  }

  /// The map of clock `id`; nil if the clock is the host's.
  public func map(of id: ClockID) -> ClockMap? {
    precondition((0..<Int32(VDSO_CLOCK_COUNT)).contains(id.rawValue), "this clock has no entry in the page")
    return ClockMap(
      unsafe withUnsafeBytes(of: maps) {
        unsafe $0.load(
          fromByteOffset: Int(id.rawValue) * MemoryLayout<vdso_clock_map_t>.stride, as: vdso_clock_map_t.self)
      })
  }

  /// Whether all clocks have the same maps as those of `other`.
  public func hasMaps(of other: vdso_time_data_t) -> Bool {
    unsafe withUnsafeBytes(of: maps) { ours in
      unsafe withUnsafeBytes(of: other.maps) { theirs in unsafe ours.elementsEqual(theirs) }
    }
  }

  /// Gives all clocks except those of `mapped` a map that changes nothing.
  package mutating func applyOffsets(exceptTo mapped: some Sequence<ClockID>) {
    let mapped = Set(mapped)
    for id in ClockID.all where !mapped.contains(id) {
      setMap(ClockMap(offset: 0).published, of: id)
    }
  }

  /// Makes readers of clock `id` ask the kernel each time, and use its result unchanged.
  package mutating func trap(_ id: ClockID) {
    self[id] = vdso_clock_t()
    // With the identity map, a page would call the host's function.
    setMap(ClockMap(offset: 0).published, of: id)
  }
}
