// SPDX-License-Identifier: Apache-2.0

import AuxvLoader

/// Where pages can be mapped directly below those that the kernel has mapped for its vDSO.
public enum PlaceBelowVDSO {
  /// The address of `count` bytes there in which nothing is, by `maps`, the text of /proc/PID/maps; nil where there
  /// are none, or no
  /// image of the kernel's is at `header`.
  public static func address(in maps: [UInt8], header: UInt64, count: UInt64) -> UInt64? {
    // The kernel maps in units of its own.
    let unit = AuxvKey.pageSize.valueInThisProcess
    let count = (count + unit - 1) & ~(unit - 1)
    var end: UInt64 = 0
    var kernelPages: Range<UInt64>?
    for line in maps.split(separator: UInt8(ascii: "\n")) {
      guard let range = range(line) else { return nil }
      guard let name = kernelsName(of: line) else {
        (end, kernelPages) = (range.upperBound, nil)
        continue
      }
      let first =
        kernelPages.map { $0.upperBound == range.lowerBound ? $0.lowerBound : range.lowerBound } ?? range.lowerBound
      kernelPages = first..<range.upperBound
      guard range.lowerBound == header, name.elementsEqual("[vdso]".utf8) else { continue }
      return first >= end && first - end >= count ? first - count : nil
    }
    return nil
  }

  /// The name of the region of `line` if the kernel made it for the vDSO: the image, or its data.
  private static func kernelsName(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.last == UInt8(ascii: "]"), let bracket = line.lastIndex(of: UInt8(ascii: "[")) else { return nil }
    let name = line[bracket...]
    return name.elementsEqual("[vdso]".utf8) || name.starts(with: "[vvar".utf8) ? name : nil
  }

  /// The addresses that `line` begins with.
  private static func range(_ line: ArraySlice<UInt8>) -> Range<UInt64>? {
    let bounds = line.prefix { $0 != UInt8(ascii: " ") }.split(separator: UInt8(ascii: "-"))
      .map { UInt64(String(decoding: $0, as: UTF8.self), radix: 16) }
    guard bounds.count == 2, let start = bounds[0], let end = bounds[1], start < end else { return nil }
    return start..<end
  }
}
