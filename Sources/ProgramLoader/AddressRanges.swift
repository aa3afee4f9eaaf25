// SPDX-License-Identifier: Apache-2.0

extension Range<UInt64> {
  /// The whole pages that contain the range. The caller has checked that rounding up doesn't wrap.
  func pageAligned(_ pageSize: UInt64) -> Range<UInt64> {
    lowerBound.roundedDown(to: pageSize)..<upperBound.roundedUp(to: pageSize)
  }

  /// The range moved by a load bias. The addition wraps, because a base may lie below the linked address.
  func shifted(by bias: UInt64) -> Range<UInt64> {
    lowerBound &+ bias..<upperBound &+ bias
  }
}

extension UInt64 {
  /// `unit` is a power of two.
  func roundedDown(to unit: UInt64) -> UInt64 {
    self & ~(unit - 1)
  }

  /// `unit` is a power of two.
  func roundedUp(to unit: UInt64) -> UInt64 {
    (self + (unit - 1)) & ~(unit - 1)
  }
}

extension [Range<UInt64>] {
  /// The same addresses in rising order. Ranges that touch or overlap are joined, and empty ones are left out.
  func coalesced() -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    for range in filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// The parts of `whole` that none of these ranges contains.
  func complement(in whole: Range<UInt64>) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    var next = whole.lowerBound
    for range in coalesced() where range.upperBound > whole.lowerBound && range.lowerBound < whole.upperBound {
      if range.lowerBound > next { result.append(next..<range.lowerBound) }
      next = range.upperBound
    }
    if next < whole.upperBound { result.append(next..<whole.upperBound) }
    return result
  }

  /// The parts of `others` that none of these ranges contains.
  func complementing(_ others: [Range<UInt64>]) -> [Range<UInt64>] {
    others.flatMap { complement(in: $0) }
  }
}
