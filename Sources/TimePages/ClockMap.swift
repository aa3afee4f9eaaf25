// SPDX-License-Identifier: Apache-2.0

public import CVDSO
public import LinuxTypes

/// The map from the host's clock to a clock of the page, an affine line or an offset: it is applied to each reading of the host.
///
/// The corresponding C type is `vdso_clock_map_t`.
public struct ClockMap: Hashable, Sendable {
  /// The rate of a clock that goes as fast as the host's.
  public static let unitRate: UInt64 = 1 << 32

  /// A reading of the host's clock, in nanoseconds; earlier ones count as being at it.
  public let anchorFrom: Int64
  /// The nanoseconds to which `anchorFrom` is taken.
  public let anchorTo: Int64
  /// Nanoseconds per nanosecond of the host, 32.32. Never 0.
  public let rate: UInt64

  /// A clock `offset` nanoseconds ahead of the host's.
  public init(offset: Int64) {
    (anchorFrom, anchorTo, rate) = (0, offset, Self.unitRate)
  }

  /// A clock that stands at `time` for ever: all that the host will tell is before the anchor.
  public init(frozenAt time: Int64) {
    (anchorFrom, anchorTo, rate) = (.max, time, Self.unitRate)
  }

  /// A clock that is at `time` when the host's is at `start`, and goes on at `rate`, which must not be 0.
  public init(from start: Int64, to time: Int64, rate: UInt64) {
    precondition(rate != 0, "a map of rate 0 stands")
    (anchorFrom, anchorTo, self.rate) = (start, time, rate)
  }

  /// The same clock, `nanoseconds` ahead.
  public func shifted(by nanoseconds: Int64) -> ClockMap {
    ClockMap(anchorFrom: anchorFrom, anchorTo: anchorTo &+ nanoseconds, rate: rate)
  }

  private init(anchorFrom: Int64, anchorTo: Int64, rate: UInt64) {
    (self.anchorFrom, self.anchorTo, self.rate) = (anchorFrom, anchorTo, rate)
  }

  /// Where `host`, a reading of the host's clock, is taken: what readers of the page compute.
  public func value(at host: Int64) -> Int64 {
    let distance = Int128(host) - Int128(anchorFrom)
    let counted = isOffset ? distance : max(0, distance)
    return Int64(truncatingIfNeeded: Int128(anchorTo) + ((counted * Int128(rate)) >> 32))
  }

  /// Whether the clock is always the same time ahead of the host's.
  public var isOffset: Bool { rate == Self.unitRate && anchorFrom == 0 }

  /// The host's clock whose readings the map takes to those of clock `id`.
  ///
  /// At a rate a tick of the host's is longer or shorter than one of the clock's: a coarse clock then is as fine as the one that it
  /// is the coarse kind of.
  public func hostClock(of id: ClockID) -> ClockID {
    guard !isOffset && !isFrozen else { return id }
    return id.fineKind
  }

  /// Whether the clock is the host's.
  public var isIdentity: Bool { isOffset && anchorTo == 0 }

  /// Whether the clock stands.
  public var isFrozen: Bool { anchorFrom == .max }

  /// Whole seconds by which the clock is ahead of the host's, where that is all it is.
  private var wholeSeconds: Int64? {
    guard isOffset, anchorTo % 1_000_000_000 == 0 else { return nil }
    return anchorTo / 1_000_000_000
  }

  /// The map as readers of the page take it.
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

  /// The map that readers of a page take; nil for the one that changes nothing.
  fileprivate init?(_ published: vdso_clock_map_t) {
    switch published.kind {
    case UInt32(VDSO_MAP_OFFSET) where published.to != 0 || published.from != 0:
      self.init(offset: published.to &* 1_000_000_000 &+ published.from)
    case UInt32(VDSO_MAP_LINE) where published.rate != 0:
      self.init(from: published.from, to: published.to, rate: published.rate)
    default: return nil
    }
  }

  /// `clock`, a state of the host's clock, seen through the map.
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

  /// The state of the host's clock of which `clock` is what `applied` makes; a host-backed one if that is impossible.
  package func removed(from clock: vdso_clock_t) -> vdso_clock_t {
    guard clock.source != UInt32(VDSO_SOURCE_HOST), !isFrozen, let wholeSeconds else { return vdso_clock_t() }
    var clock = clock
    clock.seconds -= wholeSeconds
    return clock
  }
}

extension vdso_time_data_t {
  /// Lets clock `id` be seen through `map`, and readings that fall back to the host too.
  package mutating func apply(_ map: ClockMap, to id: ClockID) {
    self[id] = map.applied(to: self[id])
    var published = map.published
    published.below = UInt32(id.rawValue - map.hostClock(of: id).rawValue)
    setMap(published, of: id)
  }

  /// The map through which clock `id` is seen; nil if that is the host's.
  public func map(of id: ClockID) -> ClockMap? {
    precondition((0..<Int32(VDSO_CLOCK_COUNT)).contains(id.rawValue), "this clock has no entry in the page")
    return ClockMap(
      unsafe withUnsafeBytes(of: maps) {
        unsafe $0.load(
          fromByteOffset: Int(id.rawValue) * MemoryLayout<vdso_clock_map_t>.stride, as: vdso_clock_map_t.self)
      })
  }

  /// Whether all clocks are seen through the same maps as those of `other`.
  public func hasMaps(of other: vdso_time_data_t) -> Bool {
    unsafe withUnsafeBytes(of: maps) { ours in
      unsafe withUnsafeBytes(of: other.maps) { theirs in unsafe ours.elementsEqual(theirs) }
    }
  }

  /// Gives the clocks but those of `mapped` maps that change nothing.
  package mutating func applyOffsets(exceptTo mapped: some Sequence<ClockID>) {
    let mapped = Set(mapped)
    for id in ClockID.all where !mapped.contains(id) {
      setMap(ClockMap(offset: 0).published, of: id)
    }
  }

  /// Has readers of clock `id` ask the kernel each time, and take its answer as it is.
  package mutating func trap(_ id: ClockID) {
    self[id] = vdso_clock_t()
    // Not the identity, with which a page calls the host's function.
    setMap(ClockMap(offset: 0).published, of: id)
  }
}
