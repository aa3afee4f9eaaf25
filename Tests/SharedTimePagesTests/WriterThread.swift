// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A thread that writes 1, 2, 3, … as fast as it can until it is stopped.
final class WriterThread: Sendable {
  /// The number of writes that a reader must have met.
  static let enough = 1000

  private let isDone = Atomic(false)
  private let hasEnded = Atomic(false)

  init(_ write: @escaping @Sendable (Int64) -> Void) {
    Thread { [self] in
      var number: Int64 = 0
      while !isDone.load(ordering: .relaxed) {
        number += 1
        write(number)
        // If both threads share one processor, yielding saves them from waiting for the end of the other's time slice.
        if number % 1024 == 0 { sched_yield() }
      }
      hasEnded.store(true, ordering: .releasing)
    }.start()
  }

  /// Calls `read` until it has seen the results of many different writes, which takes a while on a busy machine.
  ///
  /// `read` returns the number of the write that it saw, or nil. Returns the number of different writes.
  func meet(_ read: () -> Int64?) -> Int {
    var seen: Set<Int64> = []
    var reads = 0
    while seen.count < Self.enough && reads < 20_000_000 {
      if let number = read() { seen.insert(number) }
      reads += 1
      if reads % 256 == 0 { sched_yield() }
    }
    stop()
    return seen.count
  }

  private func stop() {
    isDone.store(true, ordering: .relaxed)
    while !hasEnded.load(ordering: .acquiring) { usleep(1000) }
  }
}
