// SPDX-License-Identifier: Apache-2.0

public import SharedTimePages

/// Makes the states of a page like FreeBSD's from this machine's counter, in step with the host's clocks.
///
/// A value whose only side effect is to read the host's clocks. Its owner publishes the states at least every `Timekeeper.tickInterval`,
/// because the page has only 32 bits of the counter, which wrap within seconds.
public struct TimekeepProducer: Sendable {
  private static let shift = TimekeepFormat.native.counterShift

  private let counter: CycleCounter
  private var uptime: ClockDiscipline
  private var bootTime: BinaryTime

  /// Measures the counter's rate for `window` nanoseconds, in which it sleeps. Nil on a machine without an invariant counter.
  public init?(window: UInt64 = 2_000_000) {
    guard let counter = CycleCounter.fastest() else { return nil }
    self.counter = counter
    let first = ClockSample.take(.monotonic, by: counter)
    HostClock.sleep(nanoseconds: window)
    uptime = ClockDiscipline(first: first, second: .take(.monotonic, by: counter), mayStepBack: false)
    bootTime = Self.hostBootTime()
  }

  /// Reads the host's clocks and corrects the page's.
  public mutating func tick() {
    uptime.update(.take(.monotonic, by: counter))
    bootTime = Self.hostBootTime()
  }

  /// The state to publish.
  public var timehands: Timehands {
    // A counter value that is a multiple of the shift's unit, so that shifting loses nothing.
    let start = (uptime.base &+ (1 << UInt64(Self.shift)) &- 1) >> UInt64(Self.shift)
    let value = uptime.value(atCounter: start << UInt64(Self.shift))
    var hands = Timehands()
    hands.offsetCount = UInt32(truncatingIfNeeded: start)
    hands.offset = BinaryTime(nanoseconds: value)
    hands.bootTime = bootTime
    // Converts nanoseconds with 32 fractional bits to parts of a second with 64.
    hands.scale = UInt64(truncatingIfNeeded: (UInt128(uptime.mult) << UInt128(32 + Self.shift)) / 1_000_000_000)
    hands.machineWord = Self.shift
    return hands
  }

  /// The date minus the time since boot at the same moment. Of three attempts, the one with the closest readings counts.
  private static func hostBootTime() -> BinaryTime {
    let attempts = (0..<3).map { _ in
      let before = HostClock.uptime
      let date = HostClock.read(.realtime).nanosecondsSinceEpoch
      let width = HostClock.uptime - before
      return (width: width, bootTime: date - before - width / 2)
    }
    return BinaryTime(nanoseconds: Int128(attempts.min { $0.width < $1.width }!.bootTime) << 32)
  }
}

extension BinaryTime {
  /// The time of `nanoseconds` since the epoch, with 32 fractional bits.
  fileprivate init(nanoseconds: Int128) {
    let second: Int128 = 1_000_000_000 << 32
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: second)
    let (whole, rest) = remainder < 0 ? (quotient - 1, remainder + second) : (quotient, remainder)
    self.init(
      seconds: Int64(truncatingIfNeeded: whole),
      fraction: UInt64(truncatingIfNeeded: (UInt128(rest) << 32) / 1_000_000_000))
  }
}
