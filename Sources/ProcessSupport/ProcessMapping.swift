// SPDX-License-Identifier: Apache-2.0

import LinuxTypes

/// A mapping of a process: a line of /proc/PID/maps.
package struct ProcessMapping: Hashable, Sendable {
  package var range: Range<UInt64>
  /// The mapped object, which is the line from its sixth field on: a path, a name in brackets, or nothing.
  package var name: ArraySlice<UInt8>
  /// The number of the file that is mapped, 0 if there is none.
  package var fileNumber: UInt64 = 0

  /// Reads a line; nil if it isn't understood.
  package init?(_ line: ArraySlice<UInt8>) {
    guard let range = Self.range(line) else { return nil }
    self.range = range
    // The name follows five fields: addresses, protection, offset, device, inode number.
    name = line
    for field in 0..<5 {
      if field == 4 { fileNumber = Self.number(name) }
      name = name.drop { $0 != UInt8(ascii: " ") }.drop { $0 == UInt8(ascii: " ") }
    }
  }

  /// Reads the text of the file; lines that aren't understood are left out.
  package static func list(_ text: [UInt8]) -> [ProcessMapping] {
    text.split(separator: UInt8(ascii: "\n")).compactMap(ProcessMapping.init)
  }

  /// The text of this process's file, as it was at the first use: for mappings that stay, as the stack and the kernel's vDSO do. Reading it
  /// takes as long as a hundred system calls.
  package static let first = Result { () throws(SystemError) in try SmallFile.contents(of: "/proc/self/maps") }

  /// Whether it is the stack of the first thread.
  package var isStack: Bool { name.elementsEqual("[stack]".utf8) }

  /// Whether it is the image of the kernel's vDSO.
  package var isKernelImage: Bool { name.elementsEqual("[vdso]".utf8) }

  /// Whether the kernel made the mapping for the vDSO: the image, or its data.
  package var isKernelVDSO: Bool { isKernelImage || name.starts(with: "[vvar".utf8) }

  /// The decimal number that a field is.
  private static func number(_ field: ArraySlice<UInt8>) -> UInt64 {
    field.prefix { $0 != UInt8(ascii: " ") }.reduce(0) { $0 &* 10 &+ UInt64($1 &- UInt8(ascii: "0")) }
  }

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
