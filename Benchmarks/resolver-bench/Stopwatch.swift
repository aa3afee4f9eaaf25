// SPDX-License-Identifier: Apache-2.0

import CLinux

enum Stopwatch {
  /// The best nanoseconds per repetition of two loops that take turns.
  static func best(
    rounds: Int, repetitions: Int, _ reference: (Int) -> Void, _ ours: (Int) -> Void
  ) -> (reference: Double, ours: Double) {
    var best = (reference: Double.infinity, ours: Double.infinity)
    for _ in 0..<rounds {
      best.reference = min(best.reference, time(repetitions, reference))
      best.ours = min(best.ours, time(repetitions, ours))
    }
    return best
  }

  private static func time(_ repetitions: Int, _ body: (Int) -> Void) -> Double {
    let clock = ContinuousClock()
    let duration = clock.measure { body(repetitions) }.components
    return (Double(duration.seconds) * 1e9 + Double(duration.attoseconds) / 1e9) / Double(repetitions)
  }
}
