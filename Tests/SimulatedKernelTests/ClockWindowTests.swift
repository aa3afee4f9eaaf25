// SPDX-License-Identifier: Apache-2.0

import CVDSO
import SimulatedKernel
import TestSupport
import Testing

@Suite("The no-carry window of a clock")
struct ClockWindowTests {
  /// A clock with a random start, on a counter of 1 MHz to 8 GHz.
  private func clock(_ generator: inout SeededGenerator) -> vdso_clock_t {
    let frequency = UInt64.random(in: 1_000_000...8_000_000_000, using: &generator)
    return .counting(
      from: Timespec(seconds: 1, nanoseconds: UInt32.random(in: 0..<1_000_000_000, using: &generator)),
      fraction: UInt32.random(in: 0...UInt32.max, using: &generator), by: .rdtscp,
      at: UInt64.random(in: 0...UInt64.max >> 1, using: &generator),
      mult: (1_000_000_000 << 32) / frequency, limit: UInt64.random(in: 0...2 * frequency, using: &generator))
  }

  private func windowNanoseconds(_ clock: vdso_clock_t, at counter: UInt64) -> UInt64 {
    (clock.window_phase &+ UInt64(UInt32(truncatingIfNeeded: counter)) &* clock.mult) >> 32
  }

  @Test("reads the same nanoseconds in the no-carry window as by the general formula, from its first to its last cycle")
  func agrees() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let clock = clock(&generator)
      let inside = [0, clock.window, UInt32.random(in: 0...clock.window, using: &generator)]
      for counter in inside.map({ clock.base + UInt64($0) }) {
        let told = windowNanoseconds(clock, at: counter)
        #expect(told == UInt64(clock.nanoseconds(atCounter: counter)))
        #expect(told < 1_000_000_000)
        #expect(counter >> 32 == clock.base >> 32)
        #expect(counter - clock.base <= clock.limit)
      }
    }
  }

  @Test("ends the no-carry window at a carry, a wrap of the low word, or the age limit")
  func isLongest() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let clock = clock(&generator)
      let next = clock.base + UInt64(clock.window) + 1
      let isOver =
        clock.nanoseconds(atCounter: next) >= 1_000_000_000 || next >> 32 != clock.base >> 32
        || next - clock.base > clock.limit
      #expect(isOver)
    }
  }
}
