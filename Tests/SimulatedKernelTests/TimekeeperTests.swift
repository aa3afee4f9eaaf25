// SPDX-License-Identifier: Apache-2.0

import CVDSO
@testable import SimulatedKernel
import TestSupport
import Testing

@Suite("Timekeeper")
struct TimekeeperTests {
  private let world: SimulatedWorld
  private let counter: SimulatedCounter
  private let seed: UInt64

  init() {
    seed = .random(in: 1...UInt64.max)
    print("seed \(seed)")
    world = SimulatedWorld(seed: seed)
    counter = SimulatedCounter(world: world)
  }

  private func timekeeper() -> Timekeeper { Timekeeper(counter: counter, reference: world.reference) }

  private func tick(_ timekeeper: inout Timekeeper, _ count: Int = 1) {
    for _ in 0..<count {
      world.pass(Int64(Timekeeper.tickInterval))
      #expect(timekeeper.tick() == nil)
    }
  }

  private func reading(_ timekeeper: Timekeeper, _ id: ClockID) throws -> Int64 {
    try #require(timekeeper.data.reading(of: id, atCounter: counter.read())).value.nanosecondsSinceEpoch
  }

  @Test("states an error bound that is never exceeded if rates wander by 40 parts per million")
  func uncertainty() throws {
    var timekeeper = timekeeper()
    var worst: Int64 = 0
    for _ in 0..<3000 {
      world.change { state in
        let next = state.frequency + Int64.random(in: -20...20, using: &state.random)
        state.frequency = min(max(next, 2_499_950_000), 2_500_050_000)
      }
      tick(&timekeeper)
      world.pass(4_000_000)
      let reading = try #require(timekeeper.data.reading(of: .monotonic, atCounter: counter.read()))
      let distance = abs(reading.value.nanosecondsSinceEpoch - world.uptime)
      #expect(distance <= Int64(reading.uncertainty), "seed \(seed)")
      worst = max(worst, distance)
    }
    #expect(worst < 2000, "seed \(seed)")
  }

  @Test("treats a state as too late once its segments could be behind those that readers have")
  func timeliness() {
    var timekeeper = timekeeper()
    tick(&timekeeper)
    #expect(timekeeper.isTimely)
    world.pass(9_000_000)
    #expect(timekeeper.isTimely)
    world.pass(2_000_000)
    #expect(!timekeeper.isTimely)
    // Between comparisons the lines don't change, so any time is early enough.
    tick(&timekeeper, 105)
    world.pass(100_000_000)
    #expect(timekeeper.isTimely)
  }

  @Test("reads no clock from a page that is too old, is host-backed, or has its base ahead of the counter")
  func noReading() {
    var timekeeper = timekeeper()
    tick(&timekeeper)
    let data = timekeeper.data
    #expect(data.reading(of: .monotonic, atCounter: counter.read()) != nil)
    #expect(data.reading(of: .monotonic, atCounter: data[.monotonic].base - 1) == nil)
    #expect(data.reading(of: ClockID(rawValue: 2), atCounter: counter.read()) == nil)
    world.pass(Int64(Timekeeper.ageLimit) + 1_000_000)
    #expect(data.reading(of: .monotonic, atCounter: counter.read()) == nil)
  }

  @Test("compares clocks ten times a second once it knows their rates, and asks for no more ticks than that")
  func comparisons() throws {
    var timekeeper = timekeeper()
    #expect(timekeeper.tickDelay == Timekeeper.tickInterval)
    tick(&timekeeper, 101)
    #expect(timekeeper.tickDelay == 10 * Timekeeper.tickInterval)
    for _ in 0..<50 {
      // Ticks come later and earlier than requested, as processes wake up.
      var deviation: Int64 = 0
      world.change { state in
        state.frequency = 2_500_000_000 + Int64.random(in: -20_000...20_000, using: &state.random)
        deviation = .random(in: -4_000_000...4_000_000, using: &state.random)
      }
      world.pass(Int64(timekeeper.tickDelay) + deviation)
      #expect(timekeeper.tick() == nil)
      #expect(abs(try reading(timekeeper, .monotonic) - world.uptime) < 2000, "seed \(seed)")
    }
  }

  @Test("keeps its rates if it is asked for many ticks in a short time")
  func hurriedTicks() throws {
    var timekeeper = timekeeper()
    for _ in 0..<500 {
      world.pass(20_000)
      #expect(timekeeper.tick() == nil)
    }
    #expect(timekeeper.tickDelay == Timekeeper.tickInterval, "the first second isn't over")
    for _ in 0..<99 {
      tick(&timekeeper)
      #expect(abs(try reading(timekeeper, .monotonic) - world.uptime) < 2000, "seed \(seed)")
    }
  }

  @Test("leaves coarse clocks, which change at the host's ticks, to the host")
  func coarse() {
    var timekeeper = timekeeper()
    tick(&timekeeper)
    for id in [ClockID.realtimeCoarse, .monotonicCoarse] {
      #expect(timekeeper.data[id].source == UInt32(VDSO_SOURCE_HOST))
    }
  }

  @Test("never sets monotonic time back, whatever the counter's rate does")
  func monotonic() throws {
    var timekeeper = timekeeper()
    var last: Int64 = 0
    for _ in 0..<1000 {
      world.change { state in
        state.frequency = 2_500_000_000 + Int64.random(in: -500_000...500_000, using: &state.random)
      }
      let before = try reading(timekeeper, .monotonic)
      tick(&timekeeper)
      let after = try reading(timekeeper, .monotonic)
      #expect(last <= before && before <= after, "seed \(seed)")
      last = after
    }
  }

  @Test(
    "continues after another timekeeper has ended, with no clock behind its last segment")
  func takingOver() throws {
    var random = SeededGenerator(seed: seed)
    var slower = 0
    for _ in 0..<300 {
      var first = timekeeper()
      // A standby has a copy from before the other's work.
      let copy = first
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        world.change { state in
          state.frequency = 2_500_000_000 + Int64.random(in: -500_000...500_000, using: &state.random)
        }
        tick(&first)
      }
      world.pass(.random(in: 0...50_000_000, using: &random))
      let last = first.data
      let second = copy.resumed(from: last)
      #expect(second.isTimely)
      let start = counter.read()
      // Within a millisecond the new state is published or discarded.
      for later in [0, 1_250_000, 2_500_000] as [UInt64] {
        for id in [ClockID.monotonic, .boottime, .monotonicRaw] {
          let before = try #require(last.reading(of: id, atCounter: start + later)).value
          let after = try #require(second.data.reading(of: id, atCounter: start + later)).value
          #expect(after >= before, "\(id.rawValue) \(later) seed \(seed)")
        }
      }
      if second.data[.monotonic].mult < last[.monotonic].mult { slower += 1 }
      #expect(abs(try reading(second, .monotonic) - world.uptime) < 20_000, "seed \(seed)")
    }
    // The case that the test is about has occurred often enough.
    #expect(slower > 50)
  }

  @Test(
    "follows a date that is set, at the next or tenth tick; monotonic time and the offset of TAI stay",
    arguments: [3_600_000_000_000, -3_600_000_000_000, 15_000_000, -15_000_000] as [Int64])
  func dateIsSet(by nanoseconds: Int64) throws {
    var timekeeper = timekeeper()
    tick(&timekeeper, 200)
    world.change { $0.bootDate += nanoseconds }
    tick(&timekeeper, abs(nanoseconds) > 20_000_000 ? 1 : 10)
    #expect(abs(try reading(timekeeper, .realtime) - world.date) < 2000, "seed \(seed)")
    #expect(abs(try reading(timekeeper, .monotonic) - world.uptime) < 2000, "seed \(seed)")
    let distance = try reading(timekeeper, .tai) - reading(timekeeper, .realtime)
    #expect(abs(distance - 37_000_000_000) < 2000, "seed \(seed)")
  }

  @Test("leaves the date to the host for two seconds before and after a leap second, and only then")
  func leapSecond() throws {
    // Three seconds before midnight.
    let midnight: Int64 = 19_676 * 86_400_000_000_000
    world.change { $0.bootDate = midnight - 3_000_000_000 - $0.uptime }
    var timekeeper = timekeeper()
    var exact = 0
    var hasLeapt = false
    world.change { $0.isLeapSecondPending = true }
    for _ in 0..<800 {
      if !hasLeapt, world.date >= midnight {
        world.change { $0.bootDate -= 1_000_000_000 }
        hasLeapt = true
      }
      tick(&timekeeper)
      let data = timekeeper.data
      let isExact = data[.realtime].source == UInt32(VDSO_SOURCE_HOST)
      #expect(data[.tai].source != UInt32(VDSO_SOURCE_HOST))
      exact += isExact ? 1 : 0
      guard let reading = data.reading(of: .realtime, atCounter: counter.read()) else { continue }
      #expect(abs(reading.value.nanosecondsSinceEpoch - world.date) < 2000, "seed \(seed)")
    }
    // Two seconds, the leap second, and two more.
    #expect((498...502).contains(exact), "\(exact) ticks, seed \(seed)")
  }

  @Test("keeps the date in the page at midnights without a leap second")
  func plainMidnight() {
    world.change { $0.bootDate = 19_676 * 86_400_000_000_000 - 1_000_000_000 - $0.uptime }
    var timekeeper = timekeeper()
    for _ in 0..<200 {
      tick(&timekeeper)
      #expect(timekeeper.data[.realtime].source != UInt32(VDSO_SOURCE_HOST))
    }
  }
}
