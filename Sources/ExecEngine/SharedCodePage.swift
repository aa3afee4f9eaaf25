// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELF

/// A code page that lies in the file of the session's time page, without the addresses of the kernel's functions.
struct SharedCodePage {
  /// The index in the file of the page at which it begins.
  let filePage: Int
  /// Its size, whole pages.
  let size: Int
  let width: ELFClass
  /// The addresses of the kernel's functions in one task, 0 for those that it lacks.
  private(set) var words: [UInt64]

  init(filePage: Int, size: Int, _ width: ELFClass, words: [UInt64]) {
    (self.filePage, self.size, self.width, self.words) = (filePage, size, width, words)
  }

  /// The same page for a task in which the kernel's image is `distance` bytes further on.
  func moved(by distance: UInt64) -> SharedCodePage {
    var result = self
    for index in words.indices where words[index] != 0 { result.words[index] &+= distance }
    return result
  }

  /// The bytes that the task writes into its copy.
  var addressBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * words.count)
    for word in words { ByteOrder.littleEndian.append(word, to: &bytes) }
    return bytes
  }

  /// Their offsets in the page.
  static func addresses(_ width: ELFClass) -> Range<Int> {
    let start = Int(width == .bits64 ? VDSO_HOST_OFFSET_64 : VDSO_HOST_OFFSET_I386)
    return start..<start + MemoryLayout<vdso_host_t>.size
  }
}
