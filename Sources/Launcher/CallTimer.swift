// SPDX-License-Identifier: Apache-2.0

import TimePages

/// Times short calls in turns, so that a change of the machine's speed affects all of them alike.
public enum CallTimer {
  /// Runs each of `bodies` for `calls` calls, `rounds` times in turn. Returns nanoseconds per call of the best round of each, because every
  /// disturbance makes a call longer.
  ///
  /// A body makes the given number of calls, in a loop of its own.
  public static func nanosecondsPerCall(_ bodies: [(Int) -> Void], calls: Int, rounds: Int) -> [Double] {
    var best = [Int64](repeating: .max, count: bodies.count)
    for _ in 0..<rounds {
      for (index, body) in bodies.enumerated() {
        let start = HostClock.read(.monotonicRaw).nanosecondsSinceEpoch
        body(calls)
        best[index] = min(best[index], HostClock.read(.monotonicRaw).nanosecondsSinceEpoch - start)
      }
    }
    return best.map { Double($0) / Double(calls) }
  }
}
