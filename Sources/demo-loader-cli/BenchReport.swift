// SPDX-License-Identifier: Apache-2.0

import BenchPrograms
import TimePages

/// The cost of calls in each way, for programs of each word size.
struct BenchReport {
  /// The clocks that Benchmarks/worker reads before it times other calls, in the order of its `clock_ids`.
  private static let clocks: [ClockID] = [.realtime, .monotonic, .realtimeCoarse, .monotonicCoarse]
  static let callNames = clocks.map { "clock_gettime(\($0.name!))" } + ["gettimeofday", "time", "getpid"]

  /// The nanoseconds of one call, made in one way.
  struct Cost: Encodable {
    var way: String
    var samples: Int
    var minimum, median, p90, p99, p999, maximum: Double
    /// The ratios of the median to that of the bare counter in the same run, and to that of the kernel's page.
    var ofLimit, ofKernelPage: Double?
  }

  /// The cost of one call. The first four values are medians; the kernel's page has no getpid.
  struct Call: Encodable {
    var call: String
    var bits: Int
    var kernelPage, ourPageByCounter, ourPageByHost, trap: Double?
    var ways: [Cost]
  }

  private struct Key: Hashable {
    var call: Int
    var way: BenchWay
  }

  private(set) var calls: [Call] = []
  private let source: ClockSource

  /// `source` is the clock source of the counter mode's page.
  init(source: ClockSource) {
    self.source = source
  }

  /// Adds the samples of one run of `program`. Rows that exist for its word size get further ways.
  mutating func add(_ samples: [BenchWorker.Sample], of program: BenchProgram) {
    var distributions: [Key: Distribution] = [:]
    for sample in samples {
      distributions[Key(call: sample.call, way: sample.way), default: Distribution()].record(sample.picoseconds)
    }
    let limits = BenchWay.allCases.filter(\.isLimit).compactMap { distributions[Key(call: 0, way: $0)]?.median }
    let bits = program == .i386 ? 32 : 64
    for (index, name) in Self.callNames.enumerated() {
      let row = calls.firstIndex { $0.call == name && $0.bits == bits }
      let kernel = distributions[Key(call: index, way: .kernelPage)]?.median ?? row.flatMap { calls[$0].kernelPage }
      let costs = BenchWay.allCases.compactMap { way in
        distributions[Key(call: index, way: way)].map { Self.cost($0, way, limit: limits.min(), kernel: kernel) }
      }
      if let row {
        calls[row].ways += costs.filter { cost in !calls[row].ways.contains { $0.way == cost.way } }
      } else {
        func median(_ way: BenchWay) -> Double? { costs.first { $0.way == way.title }?.median }
        calls.append(
          Call(
            call: name, bits: bits, kernelPage: median(.kernelPage), ourPageByCounter: median(.counterPage),
            ourPageByHost: median(.hostPage), trap: median(.trap), ways: costs))
      }
    }
  }

  private static func cost(_ distribution: Distribution, _ way: BenchWay, limit: Double?, kernel: Double?) -> Cost {
    func rounded(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }
    let median = distribution.median
    return Cost(
      way: way.title, samples: distribution.count, minimum: rounded(distribution.percentile(0)),
      median: rounded(median),
      p90: rounded(distribution.percentile(90)), p99: rounded(distribution.percentile(99)),
      p999: rounded(distribution.percentile(99.9)), maximum: rounded(distribution.percentile(100)),
      ofLimit: limit.map { rounded(median / $0) }, ofKernelPage: kernel.map { rounded(median / $0) })
  }

  /// Whether the counter mode's page uses the counter.
  var hasCounter: Bool { source == .tsc }
}
