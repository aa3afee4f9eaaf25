// SPDX-License-Identifier: Apache-2.0

/// Compares a counter with another clock, as kernels do, and reports when it can no longer be trusted.
///
/// The other clock is CLOCK_BOOTTIME, which continues while the machine sleeps, as counters do.
public struct Watchdog: Sendable {
  /// Nanoseconds by which the counter may differ from one sample to the next, in addition to what `maximumDrift` allows.
  static let maximumJump: Int64 = 1_000_000
  /// The divisor for the drift that may build up from the first interval to a later one: twice what slewing can follow.
  static let maximumDrift: Int64 = 1000
  /// Nanoseconds over which a rate is measured.
  static let interval: Int64 = 500_000_000
  /// The divisor for the greatest difference between the measured and the stated frequency.
  static let maximumDeviation: Int64 = 100

  private let frequency: UInt64?
  private var last: ClockSample
  private var start: ClockSample
  /// Nanoseconds per cycle over the first interval, 32.32.
  private var rate: Int128?

  /// Begins at `sample`. `frequency` is the counter's frequency as the machine states it.
  public init(frequency: UInt64?, at sample: ClockSample) {
    self.frequency = frequency
    last = sample
    start = sample
  }

  /// Takes the next sample, and returns the fault that it shows, if any. A sample that took too long shows nothing.
  public mutating func check(_ sample: ClockSample) -> CounterFault? {
    guard sample.counter > last.counter else { return .backwards(cycles: last.counter - sample.counter) }
    defer { last = sample }
    if let rate {
      let passed = Self.nanoseconds(from: last, to: sample)
      let off = passed - (Self.cycles(from: last, to: sample) * rate) >> 32
      let width = (Int128(sample.uncertainty + last.uncertainty) * rate) >> 32
      let allowed = Int128(Self.maximumJump) + abs(passed) / Int128(Self.maximumDrift) + width
      if off.magnitude > allowed.magnitude { return .jump(nanoseconds: Int64(clamping: -off)) }
    }
    let passed = Self.nanoseconds(from: start, to: sample)
    guard passed >= Int128(Self.interval) else { return nil }
    defer { start = sample }
    let measured = (passed << 32) / Self.cycles(from: start, to: sample)
    guard let rate else {
      self.rate = measured
      return deviation(measured)
    }
    let drift = (measured - rate) * 1_000_000 / rate
    return drift.magnitude > UInt128(1_000_000 / Self.maximumDrift)
      ? .drift(partsPerMillion: Int64(clamping: -drift)) : nil
  }

  private func deviation(_ measured: Int128) -> CounterFault? {
    guard let frequency, frequency > 0 else { return nil }
    let stated = (Int128(1_000_000_000) << 32) / Int128(frequency)
    let off = (measured - stated).magnitude * UInt128(Self.maximumDeviation)
    return off > stated.magnitude ? .frequency(stated: frequency) : nil
  }

  private static func nanoseconds(from first: ClockSample, to last: ClockSample) -> Int128 {
    Int128(last.time.nanosecondsSinceEpoch) - Int128(first.time.nanosecondsSinceEpoch)
  }

  private static func cycles(from first: ClockSample, to last: ClockSample) -> Int128 {
    Int128(last.counter - first.counter)
  }
}

/// Why a counter can't drive clocks any longer.
@nonexhaustive
public enum CounterFault: Error, Hashable, Sendable, CustomStringConvertible {
  case backwards(cycles: UInt64)
  /// It jumped ahead by this time, or fell behind if the number is negative.
  case jump(nanoseconds: Int64)
  /// Its rate rose by this part, or fell if the number is negative.
  case drift(partsPerMillion: Int64)
  /// Its frequency isn't the one that the machine states.
  case frequency(stated: UInt64)

  public var description: String {
    switch self {
    case .backwards(let cycles): "it went back by \(cycles) cycles"
    case .jump(let nanoseconds): "it jumped by \(nanoseconds) ns"
    case .drift(let partsPerMillion): "its rate changed by \(partsPerMillion) parts per million"
    case .frequency(let stated): "it doesn't run at the stated \(stated) Hz"
    }
  }
}
