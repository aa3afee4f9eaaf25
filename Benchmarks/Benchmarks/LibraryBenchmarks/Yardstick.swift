// SPDX-License-Identifier: Apache-2.0

import Benchmark
import CReference

/// The measure of all benchmarks here: how long a C program takes to open this process's vDSO and find one function, unchecked.
///
/// An operation and the yardstick take turns, so that a machine whose speed drifts, or that is busy, slows both alike.
struct Yardstick {
  /// Where the kernel has mapped its vDSO here.
  let address: UInt
  /// How often an operation is repeated between two readings of the clock.
  let repetitions: Int

  /// Thousandths of the yardstick's time that one operation takes.
  static let ratio = BenchmarkMetric.custom("thousandths")
  /// The nanoseconds that one operation takes, for people to read: there is no threshold for them.
  static let nanoseconds = BenchmarkMetric.custom("nanoseconds")

  /// Times `operation` against the yardstick, the best of several rounds in turn, and reports both figures.
  func measure(_ benchmark: Benchmark, _ operation: () throws -> Void) rethrows {
    var best = (reference: Double.infinity, operation: Double.infinity)
    for _ in 0..<8 {
      best.reference = min(best.reference, Self.nanoseconds(64) { openAndFind() })
      best.operation = min(best.operation, try Self.nanoseconds(repetitions, operation))
    }
    benchmark.measurement(Self.ratio, Int((1000 * best.operation / best.reference).rounded()))
    benchmark.measurement(Self.nanoseconds, Int(best.operation.rounded()))
  }

  private func openAndFind() {
    var image = reference_image()
    guard reference_open(&image, address) == 1 else { return }
    blackHole(reference_find(&image, "LINUX_2.6", "__vdso_clock_gettime"))
  }

  private static func nanoseconds(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure { for _ in 0..<count { try body() } }.components
    return (Double(duration.seconds) * 1e9 + Double(duration.attoseconds) / 1e9) / Double(count)
  }
}
