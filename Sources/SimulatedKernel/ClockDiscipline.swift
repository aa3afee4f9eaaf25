// SPDX-License-Identifier: Apache-2.0

public import CVDSO

/// Keeps one clock of the page, driven by the counter, in step with a clock of the host.
///
/// Each update starts a new line. Its rate is the host's as measured over the last samples, changed so that the offset from the host is
/// gone `settlingIntervals` updates later. This slew is at most `maximumSlew`. The new line starts at the value that the old one has
/// reached, with two exceptions:
///
/// - If the new line is the slower one, it starts higher, so that the old line stays below it for `publicationCycles`. Readers use the
///   old line until the new one is published, and no reader may get a time before one that another has read.
/// - It starts behind the host by no more than the sample's uncertainty: a system call may have returned that time already.
///
/// If the offset is too large to slew, because the host's clock was set, the clock steps. A clock that must not go back steps forward only.
public struct ClockDiscipline: Sendable {
  /// The number of updates in which an offset is removed. With one, the clock would overshoot if the next update is late. With two, the
  /// offset is at most twice what the rate's changes add in an interval, so it has a bound. With more, that bound grows.
  static let settlingIntervals: Int64 = 2
  /// The divisor for the greatest slew: 1/2,000 of the rate, as in adjtime(3).
  static let maximumSlew: Int64 = 2000
  /// The most nanoseconds between a sample and the publication of the line made from it.
  static let longestPublicationDelay: Int64 = 20_000_000
  /// An offset of more nanoseconds means that the host's clock was set.
  static let stepThreshold: Int64 = 1_000_000

  /// Whether the clock may step back, which only the date may.
  let mayStepBack: Bool
  /// Nanoseconds since the epoch at `base`, with 32 fractional bits.
  private(set) var value: Int128
  /// The counter value at the start of the line.
  private(set) var base: UInt64
  /// Nanoseconds per cycle, 32.32.
  private(set) var mult: UInt64
  /// The cycles after `base` within which the line may be published: later, it would be behind the line before it.
  private(set) var publicationCycles: UInt64 = .max
  /// The last samples, the oldest first.
  private var history: [ClockSample]
  private let historyLimit: Int
  /// Nanoseconds between the host and this clock at the last update.
  public private(set) var lastError: Int64 = 0
  /// The most nanoseconds by which this clock, at its base, may differ from the host's.
  public private(set) var error: UInt64 = 0
  /// Nanoseconds per second by which `error` may grow.
  public private(set) var errorRate: UInt64 = 0

  /// Starts at `second`, with the rate between the two samples, which are of the same clock at different moments.
  public init(first: ClockSample, second: ClockSample, mayStepBack: Bool, historyLimit: Int = 32) {
    precondition(second.counter > first.counter, "the samples must be of different moments, in order")
    self.mayStepBack = mayStepBack
    self.historyLimit = historyLimit
    history = [first, second]
    value = Int128(second.time.nanosecondsSinceEpoch) << 32
    base = second.counter
    mult = Self.rate(from: first, to: second)
    error = width(second)
    let uncertainty = UInt128(first.uncertainty / 2 + second.uncertainty / 2 + 1) * 1_000_000_000
    errorRate = UInt64(clamping: uncertainty / UInt128(second.counter - first.counter))
  }

  /// Continues `line`, which readers have used so far, with the rate between two later samples. If the line doesn't use the counter, starts
  /// at `second`.
  init(line: vdso_clock_t, first: ClockSample, second: ClockSample, mayStepBack: Bool) {
    self.init(first: first, second: second, mayStepBack: mayStepBack)
    guard line.source > UInt32(VDSO_SOURCE_PUBLISHED), line.base < first.counter else { return }
    value = Int128(line.seconds) * 1_000_000_000 << 32 + Int128(line.phase &+ line.base &* line.mult)
    base = line.base
    mult = line.mult
    history = [first]
    update(second)
  }

  /// Takes a new sample of the host's clock, later than all before.
  public mutating func update(_ sample: ClockSample) {
    guard sample.counter > base else { return }
    let reached = value(atCounter: sample.counter)
    let host = Int128(sample.time.nanosecondsSinceEpoch) << 32
    let error = Int64(truncatingIfNeeded: (host - reached) >> 32)
    lastError = error
    self.error = error.magnitude + width(sample)
    base = sample.counter
    if abs(error) > Self.stepThreshold && (mayStepBack || error > 0) {
      value = host
      publicationCycles = .max
      history = [sample]
      self.error = width(sample)
      return
    }
    let interval = sample.time.nanosecondsSinceEpoch - history[history.count - 1].time.nanosecondsSinceEpoch
    let settlingTime = max(interval, 1_000_000) * Self.settlingIntervals
    history.append(sample)
    if history.count > historyLimit { history.removeFirst() }
    let rate = Self.rate(from: history[0], to: sample)
    let limit = Int64(truncatingIfNeeded: rate) / Self.maximumSlew
    // At the slowest possible rate, the new line is not behind any value that was read when the sample's reading ended.
    let halfUncertainty = Int128(sample.uncertainty / 2) * Int128(Int64(truncatingIfNeeded: rate) - limit)
    let behind = max(0, host - reached - halfUncertainty)
    let rest = Int128(error) - behind >> 32
    let slew = Int64(clamping: Int128(rate) * rest / Int128(settlingTime))
    let bounded = min(max(slew, -limit), limit)
    let oldMult = mult
    mult = UInt64(Int64(truncatingIfNeeded: rate) + bounded)
    // The delay is at most one update interval: otherwise the lead that is added to the next line would cancel this line's slew.
    let delay = min(settlingTime / Self.settlingIntervals, Self.longestPublicationDelay)
    publicationCycles = UInt64(clamping: (UInt128(delay) << 32) / UInt128(max(rate, 1)))
    let lead = Int128(oldMult > mult ? oldMult - mult : 0) * Int128(publicationCycles)
    value = reached + max(lead, behind)
    self.error += UInt64(clamping: lead >> 32)
    let cycles = UInt128(sample.counter - history[0].counter)
    let uncertainty = UInt128(sample.uncertainty / 2 + history[0].uncertainty / 2 + 1) * 1_000_000_000 / max(cycles, 1)
    errorRate = UInt64(clamping: uncertainty + UInt128(bounded.magnitude) * 1_000_000_000 / UInt128(max(rate, 1)))
  }

  /// Whether the line may still be published when the counter is at `counter`, because it is above the one before it.
  func isTimely(atCounter counter: UInt64) -> Bool {
    counter < base || counter - base < publicationCycles
  }

  /// Half the nanoseconds that `sample` took, rounded up.
  private func width(_ sample: ClockSample) -> UInt64 {
    UInt64(clamping: (UInt128(sample.uncertainty / 2 + 1) * UInt128(mult)) >> 32) + 1
  }

  /// The clock's nanoseconds since the epoch, with 32 fractional bits, when the counter is at `counter`.
  public func value(atCounter counter: UInt64) -> Int128 {
    value + Int128(counter &- base) * Int128(mult)
  }

  /// The clock in the page's format, read by `counter` and valid for `ageLimit` nanoseconds.
  public func clock(by counter: CycleCounter, ageLimit: UInt64) -> vdso_clock_t {
    let time = Timespec(nanosecondsSinceEpoch: Int64(truncatingIfNeeded: value >> 32))
    let limit = UInt64(clamping: (UInt128(ageLimit) << 32) / UInt128(max(mult, 1)))
    return vdso_clock_t.counting(
      from: time, fraction: UInt32(truncatingIfNeeded: value), by: counter, at: base, mult: mult, limit: limit)
  }

  private static func rate(from first: ClockSample, to last: ClockSample) -> UInt64 {
    let nanoseconds = last.time.nanosecondsSinceEpoch - first.time.nanosecondsSinceEpoch
    return UInt64(clamping: (Int128(nanoseconds) << 32) / Int128(last.counter - first.counter))
  }
}
