// SPDX-License-Identifier: Apache-2.0

import CVDSO
@testable import SimulatedKernel
import TestSupport
import Testing

/// A host clock and a counter of 2.5 GHz that the tests control.
private struct Bench {
  var counter: UInt64 = 1 << 40
  var nanoseconds: Int64 = 1_700_000_000_000_000_000
  /// The real number of cycles per second.
  var frequency: Int64 = 2_500_000_000

  var sample: ClockSample {
    ClockSample(counter: counter, time: Timespec(nanosecondsSinceEpoch: nanoseconds))
  }

  mutating func pass(nanoseconds passed: Int64) {
    nanoseconds += passed
    counter += UInt64(passed * frequency / 1_000_000_000)
  }

  /// A discipline that has seen the first two milliseconds.
  mutating func start(mayStepBack: Bool) -> ClockDiscipline {
    let first = sample
    pass(nanoseconds: 2_000_000)
    return ClockDiscipline(first: first, second: sample, mayStepBack: mayStepBack)
  }
}

@Suite("Clock discipline")
struct ClockDisciplineTests {
  @Test("follows a counter of constant rate to within a nanosecond")
  func constantRate() {
    var bench = Bench()
    var clock = bench.start(mayStepBack: false)
    for _ in 0..<500 {
      bench.pass(nanoseconds: 10_000_000)
      clock.update(bench.sample)
      #expect(abs(clock.lastError) <= 1)
    }
  }

  @Test("never goes back while it corrects a changing rate", arguments: [-400, -50, 50, 400] as [Int64])
  func rateChange(partsPerMillion: Int64) {
    var bench = Bench()
    var clock = bench.start(mayStepBack: false)
    bench.frequency += bench.frequency * partsPerMillion / 1_000_000
    var last: Int128 = 0
    for _ in 0..<1000 {
      bench.pass(nanoseconds: 10_000_000)
      let before = clock.value(atCounter: bench.counter)
      clock.update(bench.sample)
      let after = clock.value(atCounter: bench.counter)
      #expect(before >= last)
      #expect(after >= before)
      last = after
    }
    #expect(abs(clock.lastError) < 1000)
  }

  @Test(
    "starts no segment behind the previous one, up to its publication deadline",
    arguments: [1_000_000, 10_000_000, 20_000_000])
  func publicationDelay(interval: Int64) {
    let seed = UInt64.random(in: .min ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var bench = Bench()
    var clock = bench.start(mayStepBack: false)
    var slower = 0
    for _ in 0..<2000 {
      bench.pass(nanoseconds: interval)
      bench.nanoseconds += Int64.random(in: -200...200, using: &random)
      let old = clock
      clock.update(bench.sample)
      let delay = UInt64(interval * bench.frequency / 1_000_000_000)
      for counter in [bench.counter, bench.counter + delay / 2, bench.counter + delay - delay / 100] {
        #expect(clock.value(atCounter: counter) >= old.value(atCounter: counter), "seed \(seed)")
      }
      #expect(clock.isTimely(atCounter: bench.counter + delay / 2))
      #expect(!clock.isTimely(atCounter: bench.counter + delay + delay / 50))
      if clock.mult < old.mult { slower += 1 }
    }
    // The case that the test is about has occurred often enough.
    #expect(slower > 500)
    #expect(abs(clock.lastError) < 2000)
  }

  @Test(
    "publishes no time that a system call has already returned")
  func notBehindTraps() {
    let seed = UInt64.random(in: .min ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var bench = Bench()
    var clock = bench.start(mayStepBack: false)
    var wasBehind = 0
    for _ in 0..<2000 {
      bench.frequency = 2_500_000_000 + Int64.random(in: -500_000...500_000, using: &random)
      bench.pass(nanoseconds: Int64.random(in: 1_000_000...200_000_000, using: &random))
      let told = bench.nanoseconds
      let width = UInt64.random(in: 0...200, using: &random)
      let moment = bench.counter - UInt64.random(in: 0...width, using: &random)
      let old = clock
      clock.update(
        ClockSample(
          counter: moment + width / 2, time: Timespec(nanosecondsSinceEpoch: told), uncertainty: width))
      let end = moment + width
      #expect(clock.value(atCounter: end) >> 32 >= Int128(told), "seed \(seed)")
      #expect(clock.value(atCounter: end) >= old.value(atCounter: end), "seed \(seed)")
      if old.value(atCounter: end) >> 32 < Int128(told) { wasBehind += 1 }
    }
    // The case that the test is about has occurred often enough.
    #expect(wasBehind > 500)
  }

  @Test("slews a monotonic clock that is ahead, and never steps it back")
  func aheadOfHost() {
    var bench = Bench()
    var clock = bench.start(mayStepBack: false)
    bench.nanoseconds -= 5_000_000
    var last = clock.value(atCounter: bench.counter)
    for _ in 0..<20 {
      bench.pass(nanoseconds: 10_000_000)
      clock.update(bench.sample)
      let now = clock.value(atCounter: bench.counter)
      #expect(now > last)
      last = now
    }
  }

  @Test("follows a date that was set, in either direction", arguments: [-3600, 3600] as [Int64])
  func setDate(seconds: Int64) {
    var bench = Bench()
    var clock = bench.start(mayStepBack: true)
    bench.nanoseconds += seconds * 1_000_000_000
    bench.pass(nanoseconds: 10_000_000)
    clock.update(bench.sample)
    #expect(clock.value(atCounter: bench.counter) >> 32 == Int128(bench.nanoseconds))
  }

  @Test("publishes what it computes itself, at any counter value of the next two seconds")
  func pageAgrees() {
    var bench = Bench()
    var clock = bench.start(mayStepBack: true)
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      bench.pass(nanoseconds: Int64.random(in: 1_000_000...20_000_000, using: &generator))
      clock.update(bench.sample)
      let counter = bench.counter + UInt64.random(in: 0..<5_000_000_000, using: &generator)
      let stated = clock.clock(by: .lfenceRDTSC, ageLimit: 2_000_000_000)
      let nanoseconds = stated.seconds * 1_000_000_000 + Int64(stated.nanoseconds(atCounter: counter))
      #expect(Int128(nanoseconds) == clock.value(atCounter: counter) >> 32)
    }
  }
}
