// SPDX-License-Identifier: Apache-2.0

import ELF
import ProcessSupport

/// The mappings of a process, and the gaps between them.
struct ProcessMap {
  private(set) var ranges: [Range<UInt64>] = []
  /// The kernel's vDSO image.
  private(set) var vdso: Range<UInt64>?
  /// The mappings of code pages with a record behind them.
  private(set) var codePages: [Range<UInt64>] = []
  /// The mappings that grow: the stack downward, the heap upward.
  private var stack: Range<UInt64>?
  private var heap: Range<UInt64>?

  /// The distance that is kept from a mapping that grows, and from address 0.
  private static let margin: UInt64 = 1 << 28
  /// The end of the addresses that a 32-bit program may have. The corresponding kernel constant is `IA32_PAGE_OFFSET`.
  private static let end32: UInt64 = 0xffff_e000

  /// Reads the text of /proc/PID/maps.
  init(_ text: [UInt8]) {
    for mapping in ProcessMapping.list(text) {
      ranges.append(mapping.range)
      if mapping.name.elementsEqual("/memfd:vdso-code (deleted)".utf8) { codePages.append(mapping.range) }
      if mapping.isKernelImage { vdso = mapping.range }
      if mapping.isStack { stack = mapping.range }
      if mapping.name.elementsEqual("[heap]".utf8) { heap = mapping.range }
    }
  }

  /// The free address nearest to `center` at which `count` bytes, whole pages, are within the reach of a jump from `center`.
  func gap(of count: UInt64, near center: UInt64, _ width: ELFClass) -> UInt64? {
    // A jump of 32-bit code reaches every address.
    let reach: UInt64 = width == .bits64 ? 1 << 31 - 1 << 20 : 1 << 32
    let end = width == .bits64 ? (1 << 47) - 4096 : min(stack?.upperBound ?? Self.end32, Self.end32)
    // The kernel keeps a gap below a stack; the last page of the address space isn't used.
    let ends: [Range<UInt64>] = ranges.filter { $0.lowerBound < end } + [end..<end + 4096]
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
