// SPDX-License-Identifier: Apache-2.0

import ELF

/// The format of a time in memory, or in an argument itself, of a system call.
enum TimeFormat: Hashable, Sendable {
  /// Seconds and billionths, 64 bits each, as `struct __kernel_timespec` has them.
  case timespec64
  /// The same for 32-bit programs: the nanoseconds have 32 significant bits, and 32 bits beside them that may hold anything.
  case compatTimespec64
  /// Seconds and nanoseconds of 32 bits each.
  case timespec32
  /// Seconds and millionths, of 64 bits each.
  case timeval64
  case timeval32
  /// Seconds alone.
  case seconds64
  case seconds32

  /// Bytes of each of its words.
  private var wordSize: Int {
    switch self {
    case .timespec64, .compatTimespec64, .timeval64, .seconds64: 8
    case .timespec32, .timeval32, .seconds32: 4
    }
  }

  /// Nanoseconds of a unit of the second word.
  private var unit: Int64 {
    switch self {
    case .timespec64, .compatTimespec64, .timespec32: 1
    case .timeval64, .timeval32: 1000
    case .seconds64, .seconds32: 1_000_000_000
    }
  }

  var hasFraction: Bool { unit < 1_000_000_000 }

  var byteCount: Int { hasFraction ? 2 * wordSize : wordSize }

  /// The nanoseconds of a time; nil for one that the kernel refuses. Seconds beyond what 64 bits of nanoseconds can hold count as the
  /// most that they do.
  func nanoseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard bytes.count >= byteCount, let seconds = word(bytes, 0), seconds >= 0 else { return nil }
    var fraction: Int64 = 0
    if hasFraction {
      guard var word = word(bytes, wordSize) else { return nil }
      if self == .compatTimespec64 { word &= 0xffff_ffff }
      guard word >= 0, word < 1_000_000_000 / unit else { return nil }
      fraction = word * unit
    }
    return Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(fraction))
  }

  /// The bytes for `nanoseconds`, which is not negative, rounded up or down to the format's unit. If the seconds don't fit, their lower
  /// bits are stored.
  func bytes(_ nanoseconds: Int64, roundingUp: Bool = false) -> [UInt8] {
    let (units, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit)
    let rounded = roundingUp && rest > 0 ? units + 1 : units
    let perSecond = 1_000_000_000 / unit
    var result: [UInt8] = []
    append(rounded / perSecond, to: &result)
    if hasFraction { append(rounded % perSecond, to: &result) }
    return result
  }

  private func append(_ word: Int64, to bytes: inout [UInt8]) {
    if wordSize == 8 {
      ByteOrder.littleEndian.append(UInt64(bitPattern: word), to: &bytes)
    } else {
      ByteOrder.littleEndian.append(UInt32(truncatingIfNeeded: word), to: &bytes)
    }
  }

  private func word(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int64? {
    let bytes = Array(bytes)
    return wordSize == 8
      ? ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset).map { Int64(bitPattern: $0) }
      : ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: offset).map { Int64(Int32(bitPattern: $0)) }
  }
}
