// SPDX-License-Identifier: Apache-2.0

import CVDSO
import SimulatedKernel
import Testing
import VDSOImages

@Suite("Choice of a counter")
struct TimecounterTests {
  @Test("chooses the counter with the highest rating among stable 64-bit counters, the first of equals")
  func best() {
    let counters = [
      SimulatedCounter(name: "narrow", rating: 400, mask: 0xffff_ffff),
      SimulatedCounter(name: "unstable", rating: 400, isStable: false),
      SimulatedCounter(name: "poor", rating: 100),
      SimulatedCounter(name: "good", rating: 300),
      SimulatedCounter(name: "as good", rating: 300),
    ]
    #expect(counters.best()?.name == "good")
    #expect(counters.reversed().best()?.name == "as good")
    #expect(counters.prefix(2).best() == nil)
  }

  @Test("chooses this machine's counter at boot, else the host")
  func automatic() throws {
    var kernel = SimulatedKernel(architecture: .x86_64, clockSource: .auto)
    try kernel.initialize()
    #expect(kernel.clockSource == (CycleCounter.usable.isEmpty ? .host : .tsc))
    let mode = CycleCounter.usable.isEmpty ? VDSO_MODE_HOST : VDSO_MODE_COUNTER
    #expect(kernel.timeData.mode == UInt32(mode))
  }

  @Test(
    "switches to the host's clock when the watchdog finds the counter at fault",
    .enabled(if: !CycleCounter.usable.isEmpty))
  func demotion() throws {
    var kernel = SimulatedKernel(architecture: .x86_64, clockSource: .tsc)
    try kernel.initialize()
    #expect(kernel.needsTimekeeper)
    kernel.demote(for: .backwards(cycles: 1))
    #expect(kernel.clockSource == .host && !kernel.needsTimekeeper)
    #expect(kernel.timeData.mode == UInt32(VDSO_MODE_HOST))
    #expect(kernel.timeData[.monotonic].source == UInt32(VDSO_SOURCE_HOST))
    kernel.tick()
    #expect(kernel.clockSource == .host)
  }
}

@Suite("Watchdog of the counter")
struct WatchdogTests {
  /// Runs a timekeeper for `ticks` in a world that `change` changes before each tick, and returns the fault that it finds.
  private func fault(
    frequency: UInt64? = nil, ticks: Int = 300, _ change: (inout SimulatedWorld.State, Int) -> Void
  ) -> CounterFault? {
    let seed = UInt64.random(in: 1...UInt64.max)
    print("seed \(seed)")
    let world = SimulatedWorld(seed: seed)
    var timekeeper = Timekeeper(
      counter: SimulatedCounter(world: world, frequency: frequency), reference: world.reference)
    for tick in 0..<ticks {
      world.pass(Int64(Timekeeper.tickInterval))
      world.change { change(&$0, tick) }
      if let fault = timekeeper.tick() { return fault }
    }
    return nil
  }

  @Test("finds no fault if the rate wanders by 400 parts per million and readings take long")
  func steady() {
    let found = fault(frequency: 2_500_000_000, ticks: 2000) { state, tick in
      state.frequency = 2_500_000_000 + Int64.random(in: -1_000_000...1_000_000, using: &state.random)
      if tick % 7 == 0 { state.pass(50_000_000) }
    }
    #expect(found == nil)
  }

  @Test("finds no fault if the date is set, or the machine sleeps while both clocks go on")
  func steps() {
    let found = fault { state, tick in
      if tick == 150 { state.bootDate -= 3_600_000_000_000 }
      if tick == 250 { state.pass(3_600_000_000_000) }
    }
    #expect(found == nil)
  }

  @Test("finds a counter that goes back")
  func backwards() {
    guard case .backwards(let cycles)? = fault({ state, tick in if tick == 50 { state.counter -= 1 << 39 } }) else {
      Issue.record("not found")
      return
    }
    #expect((1 << 38...1 << 39).contains(cycles))
  }

  @Test("finds a counter that jumps by two milliseconds", arguments: [2_000_000, -2_000_000] as [Int64])
  func jump(nanoseconds: Int64) {
    let found = fault { state, tick in if tick == 150 { state.counter += nanoseconds * 5 / 2 } }
    guard case .jump(let reported)? = found else {
      Issue.record("not found: \(String(describing: found))")
      return
    }
    #expect(abs(reported - nanoseconds) < 10_000)
  }

  @Test("finds a counter whose rate changes by 3,000 parts per million", arguments: [3000, -3000] as [Int64])
  func drift(partsPerMillion: Int64) {
    let found = fault { state, tick in if tick == 150 { state.frequency += 2500 * partsPerMillion } }
    guard case .drift(let reported)? = found else {
      Issue.record("not found: \(String(describing: found))")
      return
    }
    // The rate changes within the first interval with a fault, so the interval shows only a part of the change.
    #expect(reported.signum() == partsPerMillion.signum() && abs(reported) >= 1000 && abs(reported) <= 3100)
  }

  @Test("finds a counter that doesn't run at the frequency that the machine states")
  func statedFrequency() {
    #expect(fault(frequency: 2_000_000_000) { _, _ in } == .frequency(stated: 2_000_000_000))
    #expect(fault(frequency: 2_490_000_000) { _, _ in } == nil)
  }
}
