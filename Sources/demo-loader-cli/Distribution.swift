// SPDX-License-Identifier: Apache-2.0

import Histogram

/// How long calls took: picoseconds in, nanoseconds out, to three digits.
struct Distribution {
  private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)

  var count: Int { Int(histogram.totalCount) }
  var median: Double { percentile(50) }

  mutating func record(_ picoseconds: Double) {
    histogram.record(UInt64(max(0, picoseconds.rounded())))
  }

  /// The nanoseconds within which `percent` of the samples mismatch.
  func percentile(_ percent: Double) -> Double {
    Double(percent == 0 ? histogram.minNonZero : histogram.valueAtPercentile(percent)) / 1000
  }
}
