public import CVDSO

/// The keeper of time: makes the states of the time page that drive all clocks by the counter, one per tick.
///
/// A value without side effects but reading the host's clocks; who owns it publishes what it makes.
public struct TimeKeeper: Sendable {
  /// Nanoseconds from one tick to the next: the resolution of the coarse clocks.
  public static let tickInterval: UInt32 = 10_000_000
  /// Nanoseconds after which a page that nobody refreshed is too old.
  public static let ageLimit: UInt64 = 2_000_000_000

  private static let counted: [ClockID] = [.realtime, .monotonic, .monotonicRaw, .boottime, .tai]

  private let counter: CycleCounter
  private let timeZone: (minutesWest: Int32, dst: Int32)
  private var disciplines: [ClockID: ClockDiscipline] = [:]

  /// Measures the counter's rate for `window` nanoseconds, in which it sleeps, and starts all clocks at the host's.
  public init(counter: CycleCounter, window: UInt64 = 2_000_000) {
    self.counter = counter
    timeZone = HostClock.timeZone
    let first = Self.samples(by: counter)
    HostClock.sleep(nanoseconds: window)
    let second = Self.samples(by: counter)
    for id in Self.counted {
      disciplines[id] = ClockDiscipline(first: first[id]!, second: second[id]!, mayStepBack: ClockID.dates.contains(id))
    }
  }

  /// Reads the host's clocks and brings the page's after them.
  public mutating func tick() {
    for (id, sample) in Self.samples(by: counter) {
      disciplines[id]!.update(sample)
    }
  }

  /// The state to publish.
  public var data: vdso_time_data_t {
    var data = vdso_time_data_t()
    data.mode = UInt32(VDSO_MODE_COUNTER)
    data.timezone_minutes_west = timeZone.minutesWest
    data.timezone_dst = timeZone.dst
    data.error_nanoseconds = UInt32(clamping: disciplines.values.map { abs($0.lastError) }.max()!)
    for id in Self.counted {
      data[id] = disciplines[id]!.clock(by: counter, ageLimit: Self.ageLimit)
    }
    data[.realtimeCoarse] = coarse(.realtime)
    data[.monotonicCoarse] = coarse(.monotonic)
    return data
  }

  private func coarse(_ id: ClockID) -> vdso_clock_t {
    let value = Int64(truncatingIfNeeded: disciplines[id]!.value >> 32)
    return .published(at: TimeValue(nanosecondsSinceEpoch: value), resolution: Self.tickInterval)
  }

  private static func samples(by counter: CycleCounter) -> [ClockID: ClockSample] {
    Dictionary(uniqueKeysWithValues: counted.map { ($0, ClockSample.take($0, by: counter)) })
  }
}
