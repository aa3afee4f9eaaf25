// Tables of C structures, decoded once into values.
//
// Assumes: libelf converted each whole structure to this machine's byte order; `loadUnaligned` needs no alignment.
// The bounds are checked here against the chunk that libelf returned.

internal import CElf

extension ELFImage {
  /// The size of a structure in an image of this class, in bytes.
  func entrySize<Narrow, Wide>(narrow: Narrow.Type, wide: Wide.Type) -> UInt64 {
    UInt64(header.elfClass == .bits32 ? MemoryLayout<Narrow>.size : MemoryLayout<Wide>.size)
  }

  /// Decodes `count` structures from `offset`, which are `Narrow` in a 32-bit image and `Wide` in a 64-bit one.
  func table<Narrow: BitwiseCopyable, Wide: BitwiseCopyable, Value>(
    _ part: ELFPart, at offset: UInt64, count: UInt64, type: Elf_Type,
    narrow: (Narrow) -> Value, wide: (Wide) -> Value
  ) throws(ELFError) -> [Value] {
    let (size, overflow) = count.multipliedReportingOverflow(by: entrySize(narrow: Narrow.self, wide: Wide.self))
    guard !overflow else { throw .outsideImage(part, offset: offset, size: .max, imageSize: byteCount) }
    let isNarrow = header.elfClass == .bits32
    return try handle.withChunk(part, at: offset, size: size, as: type) { bytes in
      isNarrow ? decode(bytes, narrow) : decode(bytes, wide)
    }
  }
}

private func decode<Entry: BitwiseCopyable, Value>(_ bytes: RawSpan, _ value: (Entry) -> Value) -> [Value] {
  let stride = MemoryLayout<Entry>.size
  let count = bytes.byteCount / stride
  var values: [Value] = []
  values.reserveCapacity(count)
  for index in 0..<count {
    // SAFETY: index * stride + stride <= byteCount; Entry is a C structure of integers, for which all bytes are valid.
    values.append(value(unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index * stride, as: Entry.self)))
  }
  return values
}
