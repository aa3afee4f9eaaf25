// SPDX-License-Identifier: Apache-2.0

// Tables of C structures, decoded once into values.
//
// Assumes: libelf converted each whole structure to this machine's byte order; `loadUnaligned` needs no alignment.
// The bounds are checked here against the chunk that libelf returned.

internal import CElf

extension ELFImage {
  /// The size of a structure in an image of this class, in bytes.
  func entrySize<Entry32, Entry64>(bits32: Entry32.Type, bits64: Entry64.Type) -> UInt64 {
    UInt64(header.elfClass == .bits32 ? MemoryLayout<Entry32>.size : MemoryLayout<Entry64>.size)
  }

  /// Decodes `count` structures from `offset`, which are `Entry32` in a 32-bit image and `Entry64` in a 64-bit one.
  func table<Entry32: BitwiseCopyable, Entry64: BitwiseCopyable, Value>(
    _ part: ELFPart, at offset: UInt64, count: UInt64, type: Elf_Type,
    bits32: (Entry32) -> Value, bits64: (Entry64) -> Value
  ) throws(ELFError) -> [Value] {
    let (size, overflow) = count.multipliedReportingOverflow(by: entrySize(bits32: Entry32.self, bits64: Entry64.self))
    guard !overflow else { throw .outsideImage(part, offset: offset, size: .max, imageSize: byteCount) }
    let is32Bit = header.elfClass == .bits32
    return try handle.withChunk(part, at: offset, size: size, as: type) { bytes in
      is32Bit ? decode(bytes, bits32) : decode(bytes, bits64)
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
