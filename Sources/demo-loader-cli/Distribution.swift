// SPDX-License-Identifier: Apache-2.0

import Histogram

/// The distribution of calls' durations. It takes picoseconds and returns nanoseconds, to three digits.
struct Distribution {
  private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)

  var count: Int { Int(histogram.totalCount) }
  var median: Double { percentile(50) }

  mutating func record(_ picoseconds: Double) {
    histogram.record(UInt64(max(0, picoseconds.rounded())))
  }

  /// The nanoseconds that `percent` of the samples don't exceed.
  func percentile(_ percent: Double) -> Double {
    Double(percent == 0 ? histogram.minNonZero : histogram.valueAtPercentile(percent)) / 1000
  }
}
