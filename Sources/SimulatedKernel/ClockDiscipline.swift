// SPDX-License-Identifier: Apache-2.0

public import CVDSO

/// Keeps one clock of the page, driven by the counter, in step with a clock of the host.
///
/// Each update starts a new line and gives it the host's rate as measured over the last samples, bent so that the distance
/// from the host is gone `settlingIntervals` updates later. The slew is at most `maximumSlew`. The new line starts at the value
/// that the old one has reached, with two exceptions. If it is the slower of the two, it starts so much above it that the old
/// one stays below for `publicationCycles`: readers go on along the old line until the new one is published, and none may
/// find it behind what another has read. And it starts no further behind the host than the sample's uncertainty: a system call may have returned
/// that time already. A host clock that was set, which is further away than slewing could follow, is followed by a step; a
/// clock that mustn't be set back is only ever stepped forward.
public struct ClockDiscipline: Sendable {
  /// Updates in whose time a distance from the host is to vanish: one would overshoot where the next update is late.
  static let settlingIntervals: Int64 = 5
  /// The greatest slew, as a fraction of the rate: 1/2,000 is what adjtime(3) does.
  static let maximumSlew: Int64 = 2000
  /// The most nanoseconds from a sample within which the line made of it may be published.
  static let longestPublicationDelay: Int64 = 20_000_000
  /// Nanoseconds of distance beyond which the host's clock was set.
  static let stepThreshold: Int64 = 1_000_000

  /// Whether the clock may be stepped back: the date may, no other.
  let mayStepBack: Bool
  /// Nanoseconds since the epoch, 32 bits behind the point, at `base`.
  private(set) var value: Int128
  /// The counter at the start of the line.
  private(set) var base: UInt64
  /// Nanoseconds per cycle, 32.32.
  private(set) var mult: UInt64
  /// The cycles from `base` within which the line may be published, so as not to be behind the one before it.
  private(set) var publicationCycles: UInt64 = .max
  /// The last samples, the oldest first.
  private var history: [ClockSample]
  private let historyLimit: Int
  /// Nanoseconds between the host and this clock at the last update.
  public private(set) var lastError: Int64 = 0
  /// Nanoseconds by which this clock, at its base, may be off the host's.
  public private(set) var error: UInt64 = 0
  /// Nanoseconds per second by which `error` may grow.
  public private(set) var errorRate: UInt64 = 0

  /// Starts at `second`, at the rate between the two samples, which are of the same clock and not at the same moment.
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

  /// Goes on from `line`, by which readers have read so far, at the rate between the two samples, which are later; starts at
  /// `second` where the line isn't one of the counter.
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
    // By the slowest line that there may be: where the sample's reading ended, the new one is not behind what was read.
    let halfUncertainty = Int128(sample.uncertainty / 2) * Int128(Int64(truncatingIfNeeded: rate) - limit)
    let behind = max(0, host - reached - halfUncertainty)
    let rest = Int128(error) - behind >> 32
    let slew = Int64(clamping: Int128(rate) * rest / Int128(settlingTime))
    let bounded = min(max(slew, -limit), limit)
    let oldMult = mult
    mult = UInt64(Int64(truncatingIfNeeded: rate) + bounded)
    // No longer than an update is apart from the next: what a slew takes off must not come back as the next one's lead.
    let delay = min(settlingTime / Self.settlingIntervals, Self.longestPublicationDelay)
    publicationCycles = UInt64(clamping: (UInt128(delay) << 32) / UInt128(max(rate, 1)))
    let lead = Int128(oldMult > mult ? oldMult - mult : 0) * Int128(publicationCycles)
    value = reached + max(lead, behind)
    self.error += UInt64(clamping: lead >> 32)
    let cycles = UInt128(sample.counter - history[0].counter)
    let uncertainty = UInt128(sample.uncertainty / 2 + history[0].uncertainty / 2 + 1) * 1_000_000_000 / max(cycles, 1)
    errorRate = UInt64(clamping: uncertainty + UInt128(bounded.magnitude) * 1_000_000_000 / UInt128(max(rate, 1)))
  }

  /// Whether, when the counter is at `counter`, the line may still be published: whether it is above the one before it.
  func isTimely(atCounter counter: UInt64) -> Bool {
    counter < base || counter - base < publicationCycles
  }

  /// Half the nanoseconds that `sample` took, rounded up.
  private func width(_ sample: ClockSample) -> UInt64 {
    UInt64(clamping: (UInt128(sample.uncertainty / 2 + 1) * UInt128(mult)) >> 32) + 1
  }

  /// The clock's nanoseconds since the epoch, 32 bits behind the point, when the counter is at `counter`.
  public func value(atCounter counter: UInt64) -> Int128 {
    value + Int128(counter &- base) * Int128(mult)
  }

  /// The clock as the page states it, read by `counter` and good for `ageLimit` nanoseconds.
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
