// SPDX-License-Identifier: Apache-2.0

public import CVDSO

/// The timekeeper: makes the states of the time page that drive all clocks by a counter, one per tick.
///
/// A value whose only side effect is to read the reference's clocks; its owner publishes what it makes. It compares all clocks at each of
/// its first hundred ticks, then every tenth of a second, or at once where the date was set.
public struct Timekeeper: Sendable {
  /// Nanoseconds from one tick to the next: the resolution of the coarse clocks.
  public static let tickInterval: UInt32 = 10_000_000
  /// Nanoseconds after which a page that was not refreshed is too old.
  public static let ageLimit: UInt64 = 2_000_000_000

  private static let counted = ClockID.paged.filter { $0.isFine }
  private static let realtimeIndex = 0
  private static let monotonicIndex = 1
  private static let boottimeIndex = 3
  /// Ticks at each of which all clocks are compared, and nanoseconds from one comparison to the next after them.
  private static let eagerTicks = 100
  private static let comparisonInterval: UInt32 = 100_000_000

  private let readCounter: @Sendable () -> UInt64
  private let instruction: CycleCounter
  private let reference: ReferenceClock
  private let window: UInt64
  private let timeZone: (minutesWest: Int32, dst: Int32)
  /// In the order of `counted`.
  private var disciplines: [ClockDiscipline]
  private var watchdog: Watchdog
  private var tickCount = 0
  /// What MONOTONIC was at the last comparison.
  private var lastComparison: Int64 = 0
  /// Whether the last tick made new lines.
  private var hasCompared = false
  /// The counter at the last tick.
  private var now: UInt64

  /// Measures the counter's rate for `window` nanoseconds, in which it sleeps, and starts all clocks at the reference's.
  public init(counter: some Timecounter, reference: ReferenceClock = .host, window: UInt64 = 2_000_000) {
    readCounter = { counter.read() }
    instruction = counter.instruction
    self.reference = reference
    self.window = window
    timeZone = HostClock.timeZone
    func sample(_ id: ClockID) -> ClockSample { .take(by: counter.read) { reference.read(id) } }
    let first = Self.counted.map(sample)
    reference.sleep(window)
    let second = Self.counted.map(sample)
    disciplines = Self.counted.indices.map { index in
      ClockDiscipline(
        first: first[index], second: second[index], mayStepBack: Self.counted[index].isDate)
    }
    watchdog = Watchdog(frequency: counter.frequency, at: second[Self.boottimeIndex])
    now = second[0].counter
  }

  /// A timekeeper that continues the segments of `published`, which an earlier timekeeper has made: measures the counter's rate again,
  /// as `init` does, and lets no clock fall behind its line.
  func resumed(from published: vdso_time_data_t) -> Timekeeper {
    var result = self
    func sample(_ id: ClockID) -> ClockSample { .take(by: readCounter) { reference.read(id) } }
    let first = Self.counted.map(sample)
    reference.sleep(window)
    for (index, id) in Self.counted.enumerated() {
      result.disciplines[index] = ClockDiscipline(
        line: published[id], first: first[index], second: sample(id), mayStepBack: id.isDate)
    }
    result.tickCount = 0
    result.hasCompared = true
    return result
  }

  /// Reads the counter, and where it is time the reference's clocks, and brings the page's after them.
  ///
  /// Returns why the counter is no longer to be used, or nil while it is.
  public mutating func tick() -> CounterFault? {
    tickCount += 1
    now = readCounter()
    hasCompared = isEager || isDue || wasSet
    guard hasCompared else { return nil }
    for index in disciplines.indices {
      let sample = ClockSample.take(by: readCounter) { reference.read(Self.counted[index]) }
      if index == Self.boottimeIndex, let fault = watchdog.check(sample) { return fault }
      disciplines[index].update(sample)
      now = sample.counter
    }
    lastComparison = value(Self.monotonicIndex)
    return nil
  }

  /// Nanoseconds until the next tick that compares clocks.
  var tickDelay: UInt32 { isEager ? Self.tickInterval : Self.comparisonInterval }

  private var isEager: Bool { tickCount <= Self.eagerTicks }

  /// Whether it is time to compare all clocks: half a tick early, because no tick comes at its exact time.
  private var isDue: Bool {
    value(Self.monotonicIndex) &- lastComparison >= Int64(Self.comparisonInterval - Self.tickInterval / 2)
  }

  /// Whether the reference's date is further off than the last tick explains.
  private var wasSet: Bool {
    let coarse = reference.read(.realtimeCoarse).nanosecondsSinceEpoch
    return (coarse &- value(Self.realtimeIndex)).magnitude > 2 * UInt64(Self.tickInterval)
  }

  /// The state to publish.
  public var data: vdso_time_data_t {
    var data = vdso_time_data_t()
    data.mode = UInt32(VDSO_MODE_COUNTER)
    data.timezone_minutes_west = timeZone.minutesWest
    data.timezone_dst = timeZone.dst
    for (index, discipline) in disciplines.enumerated() {
      data.error_nanoseconds = max(data.error_nanoseconds, UInt32(clamping: discipline.error))
      data.error_rate = max(data.error_rate, UInt32(clamping: discipline.errorRate))
      data[Self.counted[index]] = discipline.clock(by: instruction, ageLimit: Self.ageLimit)
    }
    if reference.leaps(near: Timespec(nanosecondsSinceEpoch: value(Self.realtimeIndex))) {
      // The host alone knows on which side of the leap a reading is.
      data[.realtime] = vdso_clock_t()
    }
    return data
  }

  /// Whether `data` may still be published: whether no reader can have gone on along the lines before it so far that it would find
  /// these behind.
  public var isTimely: Bool {
    guard hasCompared else { return true }
    let now = readCounter()
    return disciplines.allSatisfy { $0.isTimely(atCounter: now) }
  }

  /// The nanoseconds of a clock at the last tick.
  private func value(_ index: Int) -> Int64 {
    Int64(truncatingIfNeeded: disciplines[index].value(atCounter: max(now, disciplines[index].base)) >> 32)
  }
}
