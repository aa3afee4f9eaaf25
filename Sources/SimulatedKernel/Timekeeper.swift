// SPDX-License-Identifier: Apache-2.0

public import CVDSO

/// The timekeeper: at each tick it makes a state of the time page in which a counter drives all clocks.
///
/// A value whose only side effect is to read the reference's clocks; its owner publishes the states. It compares all clocks at each tick of its
/// first second, then every tenth of a second, or at once if the date was set.
public struct Timekeeper: Sendable {
  /// Nanoseconds from one tick to the next: the resolution of the coarse clocks.
  public static let tickInterval: UInt32 = 10_000_000
  /// Nanoseconds without a refresh after which a page is too old.
  public static let ageLimit: UInt64 = 2_000_000_000

  private static let counted = ClockID.paged.filter { $0.isFine }
  private static let realtimeIndex = 0
  private static let monotonicIndex = 1
  private static let boottimeIndex = 3
  /// The nanoseconds in which all clocks are compared at each tick, and those between later comparisons.
  private static let eagerTime: Int64 = 1_000_000_000
  private static let comparisonInterval: UInt32 = 100_000_000

  private let readCounter: @Sendable () -> UInt64
  private let instruction: CycleCounter
  private let reference: ReferenceClock
  private let window: UInt64
  private let timeZone: (minutesWest: Int32, dst: Int32)
  /// One for each clock, in the order of `counted`.
  private var disciplines: [ClockDiscipline]
  private var watchdog: Watchdog
  /// The readings of MONOTONIC at the start and at the last comparison.
  private var (start, lastComparison): (Int64, Int64) = (0, 0)
  /// Whether the last tick made new lines.
  private var hasCompared = false
  /// The counter value at the last tick.
  private var now: UInt64

  /// Measures the counter's rate for `window` nanoseconds, in which it sleeps, and starts all clocks at the reference's readings.
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
    begin()
  }

  private mutating func begin() {
    start = value(Self.monotonicIndex)
    lastComparison = start
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
    result.begin()
    result.hasCompared = true
    return result
  }

  /// Reads the counter and, if a comparison is due, the reference's clocks, and corrects the page's clocks.
  ///
  /// Returns the reason why the counter must not be used any more, or nil.
  public mutating func tick() -> CounterFault? {
    now = readCounter()
    hasCompared = isDue || wasSet
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

  private var isEager: Bool { value(Self.monotonicIndex) &- start <= Self.eagerTime }

  /// Whether a comparison is due. It may come half a tick early, because ticks don't come at exact times. The owner may ask for many ticks in
  /// less time: the rates that they would measure are wrong.
  private var isDue: Bool {
    value(Self.monotonicIndex) &- lastComparison >= Int64(tickDelay - Self.tickInterval / 2)
  }

  /// Whether the reference's date differs by more than the last tick explains.
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
      // Near a leap second, only the host knows whether a reading lies before or after it.
      data[.realtime] = vdso_clock_t()
    }
    return data
  }

  /// Whether `data` may still be published: not if a reader that used the old lines may already have read a later time than the new lines
  /// give.
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
