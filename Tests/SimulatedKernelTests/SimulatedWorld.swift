// SPDX-License-Identifier: Apache-2.0

import SimulatedKernel
import Synchronization
import TestSupport

/// A machine whose clocks and counter the tests control.
final class SimulatedWorld: Sendable {
  struct State {
    var random: SeededGenerator
    /// Nanoseconds since boot.
    var uptime: Int64 = 1_000_000_000_000
    /// The date minus the time since boot, in nanoseconds.
    var bootDate: Int64 = 1_700_000_000_000_000_000
    var counter: Int64 = 1 << 40
    /// Cycles in 10^9 nanoseconds.
    var frequency: Int64 = 2_500_000_000
    var isLeapSecondPending = false

    /// Advances the time; a fraction of a cycle is lost.
    mutating func pass(_ nanoseconds: Int64) {
      uptime += nanoseconds
      counter += Int64(Int128(nanoseconds) * Int128(frequency) / 1_000_000_000)
    }
  }

  let state: Mutex<State>

  init(seed: UInt64 = 1) {
    state = Mutex(State(random: SeededGenerator(seed: seed)))
  }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
  func pass(_ nanoseconds: Int64) { state.withLock { $0.pass(nanoseconds) } }
  var uptime: Int64 { state.withLock { $0.uptime } }
  var date: Int64 { state.withLock { $0.uptime + $0.bootDate } }

  /// Clocks that take up to 400 nanoseconds to read. A reading is the time at some moment in between.
  var reference: ReferenceClock {
    ReferenceClock(
      read: { [self] id in
        state.withLock { state in
          state.pass(.random(in: 10...200, using: &state.random))
          defer { state.pass(.random(in: 10...200, using: &state.random)) }
          let leaps: Int64 = id == .tai ? 37_000_000_000 : 0
          let isDate = id.isDate
          return Timespec(nanosecondsSinceEpoch: state.uptime + (isDate ? state.bootDate : 0) + leaps)
        }
      },
      sleep: { [self] in pass(Int64($0)) },
      isLeapSecondPending: { [self] in state.withLock { $0.isLeapSecondPending } })
  }
}

/// The counter of a simulated world.
struct SimulatedCounter: Timecounter {
  var world = SimulatedWorld()
  var name = "simulated"
  var rating = 300
  var mask = UInt64.max
  var frequency: UInt64?
  var isStable = true
  var instruction: CycleCounter { .lfenceRDTSC }
  func read() -> UInt64 { UInt64(bitPattern: world.state.withLock { $0.counter }) }
}
