// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  import ELF

  extension ImageRules {
    /// Reads `.eh_frame_hdr` as unwinders do: they search the index for an address, then read one entry of `.eh_frame`.
    static func checkUnwindTable(
      _ headers: [ProgramHeader], _ bytes: [UInt8], _ defined: [Symbol]
    ) -> [ImageViolation] {
      guard let header = headers.first(where: { $0.type == .unwindTable }) else { return [] }
      guard let entries = unwindEntries(at: Int(clamping: header.fileOffset), bytes) else {
        return [ImageViolation(.unwindTable, "the index does not lead to entries")]
      }
      guard zip(entries, entries.dropFirst()).allSatisfy({ $0.lowerBound < $1.lowerBound }) else {
        return [ImageViolation(.unwindTable, "the index is not sorted")]
      }
      var found: [ImageViolation] = []
      for symbol in defined {
        let start = Int(clamping: symbol.value)
        let size = min(Int(clamping: symbol.size), bytes.count)
        let isCovered = (0..<size).allSatisfy { byte in entries.contains { $0.contains(start &+ byte) } }
        if !isCovered { found.append(ImageViolation(.unwindTable, "\(symbol.name) is not covered")) }
      }
      return found
    }

    /// The entries of the index at `offset`; nil if it doesn't consist of 32-bit offsets, or leads outside the file.
    private static func unwindEntries(at offset: Int, _ bytes: [UInt8]) -> [Range<Int>]? {
      // The form must be version 1 with a pointer relative to itself, a plain count, and a table relative to the index, all of 32 bits.
      guard littleEndianWord(bytes, at: offset) == 0x3b03_1b01,
        let count = littleEndianWord(bytes, at: offset, offset: 8), count > 0, count <= bytes.count / 8
      else { return nil }
      var entries: [Range<Int>] = []
      for index in 0..<Int(count) {
        guard let start = littleEndianWord(bytes, at: offset, offset: 12 + 8 * index),
          let entry = littleEndianWord(bytes, at: offset, offset: 16 + 8 * index)
        else { return nil }
        let place = offset + Int(Int32(bitPattern: entry))
        // An entry has its length, its parent, the start relative to this field, and the size.
        guard let first = littleEndianWord(bytes, at: place, offset: 8),
          let size = littleEndianWord(bytes, at: place, offset: 12),
          place + 8 + Int(Int32(bitPattern: first)) == offset + Int(Int32(bitPattern: start))
        else { return nil }
        let begin = offset + Int(Int32(bitPattern: start))
        entries.append(begin..<begin + Int(size))
      }
      return entries
    }
  }
#endif
