// SPDX-License-Identifier: Apache-2.0

/// The mappings of a process, and where others can be made.
struct ProcessMap {
  private(set) var ranges: [Range<UInt64>] = []
  /// The kernel's vDSO image.
  private(set) var vdso: Range<UInt64>?
  /// The mappings of code pages with a record behind them.
  private(set) var codePages: [Range<UInt64>] = []
  /// The mappings that grow: the stack downward, the heap upward.
  private var stack: Range<UInt64>?
  private var heap: Range<UInt64>?

  /// How far from a mapping that grows, and from address 0, nothing is placed.
  private static let margin: UInt64 = 1 << 28

  /// Reads the text of /proc/PID/maps.
  init(_ text: [UInt8]) {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let bounds = line.prefix { $0 != UInt8(ascii: " ") }.split(separator: UInt8(ascii: "-"))
        .map { UInt64(String(decoding: $0, as: UTF8.self), radix: 16) }
      guard bounds.count == 2, let start = bounds[0], let end = bounds[1], start < end else { continue }
      ranges.append(start..<end)
      if line.count > 73, line.dropFirst(73).elementsEqual("/memfd:vdso-code (deleted)".utf8) {
        codePages.append(start..<end)
      }
      guard line.last == UInt8(ascii: "]"), let bracket = line.lastIndex(of: UInt8(ascii: "[")) else { continue }
      let name = line[bracket...]
      if name.elementsEqual("[vdso]".utf8) { vdso = start..<end }
      if name.elementsEqual("[stack]".utf8) { stack = start..<end }
      if name.elementsEqual("[heap]".utf8) { heap = start..<end }
    }
  }

  /// The free address nearest to `center` at which `count` bytes, whole pages, lie within the reach of a jump from there.
  func gap(of count: UInt64, near center: UInt64) -> UInt64? {
    let reach: UInt64 = 1 << 31 - 1 << 20
    // The kernel keeps a gap below a stack; the last page of the address space isn't used.
    let ends: [Range<UInt64>] = ranges.filter { $0.lowerBound < 1 << 47 } + [(1 << 47) - 4096..<1 << 47]
    var best: UInt64?
    var start = Self.margin
    for range in ends.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      var (first, end) = (start, range.lowerBound)
      start = max(start, range.upperBound)
      if range == stack { end = end > Self.margin ? end - Self.margin : 0 }
      if let heap, heap.upperBound == first { first += Self.margin }
      guard end > first, end - first >= count else { continue }
      let place = first >= center ? first : min(end - count, center)
      let distance = place > center ? place - center : center - place
      guard distance < reach else { continue }
      let known = best.map { $0 > center ? $0 - center : center - $0 } ?? .max
      if distance < known { best = place }
    }
    return best
  }
}
