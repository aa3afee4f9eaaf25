// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ProcessSupport

/// Finds memory for pages directly below the pages that the kernel has mapped for its vDSO.
public enum PlaceBelowVDSO {
  /// The address of `count` free bytes there, by `maps`, the text of /proc/PID/maps; nil if there are not as many, or no image of the
  /// kernel's is at `header`.
  public static func address(in maps: [UInt8], header: UInt64, count: UInt64) -> UInt64? {
    // The kernel maps in units of its own page size.
    let unit = AuxvKey.pageSize.valueInThisProcess
    let count = (count + unit - 1) & ~(unit - 1)
    var end: UInt64 = 0
    var kernelPages: Range<UInt64>?
    for line in maps.split(separator: UInt8(ascii: "\n")) {
      guard let mapping = ProcessMapping(line) else { return nil }
      let range = mapping.range
      guard mapping.isKernelVDSO else {
        (end, kernelPages) = (range.upperBound, nil)
        continue
      }
      let first =
        kernelPages.map { $0.upperBound == range.lowerBound ? $0.lowerBound : range.lowerBound } ?? range.lowerBound
      kernelPages = first..<range.upperBound
      guard range.lowerBound == header, mapping.isKernelImage else { continue }
      return first >= end && first - end >= count ? first - count : nil
    }
    return nil
  }
}
