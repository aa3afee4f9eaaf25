// SPDX-License-Identifier: Apache-2.0

/// A line of /proc/self/maps that the loader has to know: a region that the kernel made, named in brackets.
struct MappedRegion: Hashable, Sendable {
  var range: Range<UInt64>
  /// The name, brackets included.
  var name: [UInt8]

  /// Reads the text of /proc/PID/maps; lines that don't end in a bracket, or aren't understood, are left out.
  static func list(_ text: [UInt8]) -> [MappedRegion] {
    var regions: [MappedRegion] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      if end > start, text[end - 1] == UInt8(ascii: "]"), let range = range(text[start..<end]),
        let bracket = text[start..<end].lastIndex(of: UInt8(ascii: "["))
      {
        regions.append(MappedRegion(range: range, name: Array(text[bracket..<end])))
      }
      start = end + 1
    }
    return regions
  }

  /// Whether it is the stack of the first thread.
  var isStack: Bool { name.elementsEqual("[stack]".utf8) }

  /// Whether it is the image of the kernel's vDSO.
  var isKernelImage: Bool { name.elementsEqual("[vdso]".utf8) }

  /// Whether the kernel made the region for the vDSO's sake.
  var isKernelVDSO: Bool { isKernelImage || name.starts(with: "[vvar".utf8) }

  /// The two hexadecimal numbers that a line begins with.
  private static func range(_ line: ArraySlice<UInt8>) -> Range<UInt64>? {
    var bounds: (UInt64, UInt64) = (0, 0)
    var isSecond = false
    for byte in line {
      let digit: UInt64
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "-") where !isSecond:
        isSecond = true
        continue
      case UInt8(ascii: " ") where isSecond: return bounds.0 < bounds.1 ? bounds.0..<bounds.1 : nil
      default: return nil
      }
      if isSecond { bounds.1 = bounds.1 << 4 | digit } else { bounds.0 = bounds.0 << 4 | digit }
    }
    return nil
  }
}
