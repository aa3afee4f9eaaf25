// SPDX-License-Identifier: Apache-2.0

import MappedELF

/// The properties that a PT_GNU_PROPERTY segment states of an image. The corresponding C constant is `NT_GNU_PROPERTY_TYPE_0`.
enum GNUProperty {
  /// The value of a property, 0 if the segment's bytes don't state it. For 64-bit images, in which each property begins at a multiple of 8.
  ///
  /// Follows the kernel: it reads the first note alone, and stops at a property whose number is not greater than the one before.
  static func value(_ number: UInt32, in note: [UInt8]) -> UInt32 {
    func word(_ offset: Int) -> UInt32? { ByteOrder.littleEndian.word(UInt32.self, in: note, at: offset) }
    guard word(0) == 4, word(8) == 5, note.count >= 16, note[12..<16].elementsEqual(Array("GNU\0".utf8)),
      let size = word(4),
      size <= note.count - 16
    else { return 0 }
    let end = 16 + Int(size)
    var offset = 16
    var last: UInt32?
    while end - offset >= 8, let kind = word(offset), let count = word(offset + 4), count <= end - offset - 8 {
      if let last, kind <= last { return 0 }
      if kind == number { return count == 4 ? word(offset + 8) ?? 0 : 0 }
      last = kind
      offset += 8 + Int((UInt64(count) + 7) & ~7)
      if offset > end { return 0 }
    }
    return 0
  }
}
