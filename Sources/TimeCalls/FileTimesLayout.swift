// SPDX-License-Identifier: Apache-2.0

import ELF

/// The offsets and the format of a file's times in a structure of a system call.
struct FileTimesLayout: Hashable, Sendable {
  /// Offsets of the seconds of each time.
  private let offsets: [Int]
  private let secondsSize: Int
  /// The number of bytes of the fraction behind the seconds; 0 if there is none.
  private let fractionSize: Int
  /// Nanoseconds of a unit of the fraction.
  private let unit: Int64
  /// For each time, the bit in the structure's first word that says whether the time is present; empty if all are.
  private let bits: [UInt32]

  private init(_ offsets: [Int], _ seconds: Int, _ fraction: Int, unit: Int64 = 1, bits: [UInt32] = []) {
    (self.offsets, secondsSize, fractionSize, self.unit, self.bits) = (offsets, seconds, fraction, unit, bits)
  }

  /// `struct stat` of 64-bit machines.
  static let stat = FileTimesLayout([72, 88, 104], 8, 8)
  /// `struct stat`, `struct stat64` and `struct __old_kernel_stat` of i386.
  static let compatStat = FileTimesLayout([32, 40, 48], 4, 4)
  static let compatStat64 = FileTimesLayout([64, 72, 80], 4, 4)
  static let oldStat = FileTimesLayout([20, 24, 28], 4, 0)
  /// `struct statx`: the times of access, birth, change and modification, and STATX_ATIME, _BTIME, _CTIME, _MTIME.
  static let statx = FileTimesLayout([64, 80, 96, 112], 8, 4, bits: [0x20, 0x800, 0x80, 0x40])

  /// Two of `struct timespec` or `struct timeval`, and `struct utimbuf`, of 64 or 32 bits.
  static let timespecs64 = FileTimesLayout([0, 16], 8, 8)
  /// The same for 32-bit programs, whose fractions have four significant bytes and four bytes of padding.
  static let compatTimespecs64 = FileTimesLayout([0, 16], 8, 4)
  static let timespecs32 = FileTimesLayout([0, 8], 4, 4)
  static let timevals64 = FileTimesLayout([0, 16], 8, 8, unit: 1000)
  static let timevals32 = FileTimesLayout([0, 8], 4, 4, unit: 1000)
  static let utimbuf64 = FileTimesLayout([0, 8], 8, 0)
  static let utimbuf32 = FileTimesLayout([0, 4], 4, 0)

  /// Bytes of the structure up to the end of the last time.
  var byteCount: Int { offsets[offsets.count - 1] + secondsSize + fractionSize }

  /// The times in the structure; nil for each that isn't present.
  func times(in bytes: [UInt8]) -> [FileTime?] {
    let mask = bits.isEmpty ? nil : ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: 0)
    return offsets.indices.map { index in
      if let mask, mask & bits[index] == 0 { return nil }
      guard let seconds = word(secondsSize, in: bytes, at: offsets[index]) else { return nil }
      guard fractionSize > 0 else { return FileTime(seconds: seconds, fraction: 0) }
      return word(fractionSize, in: bytes, at: offsets[index] + secondsSize)
        .map { FileTime(seconds: seconds, fraction: $0, unit: unit) }
    }
  }

  /// Stores `times` in place of those that are present. If the format can't hold the seconds, their lower bits are stored, as the kernel
  /// does.
  func store(_ times: [FileTime?], in bytes: inout [UInt8]) {
    for (offset, time) in zip(offsets, times) {
      guard let time else { continue }
      store(time.seconds, secondsSize, in: &bytes, at: offset)
      if fractionSize > 0 {
        store(time.fraction * time.unit / unit, fractionSize, in: &bytes, at: offset + secondsSize)
      }
    }
  }

  private func word(_ size: Int, in bytes: [UInt8], at offset: Int) -> Int64? {
    size == 8
      ? ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset).map { Int64(bitPattern: $0) }
      : ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: offset).map { Int64(Int32(bitPattern: $0)) }
  }

  private func store(_ value: Int64, _ size: Int, in bytes: inout [UInt8], at offset: Int) {
    let word = UInt64(bitPattern: value)
    for index in 0..<size { bytes[offset + index] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(index))) }
  }
}

/// A time of a file, which may be before 1970.
struct FileTime: Hashable, Sendable {
  var seconds: Int64
  var fraction: Int64
  /// Nanoseconds of a unit of the fraction.
  var unit: Int64 = 1

  // UTIME_NOW and UTIME_OMIT.
  private static let marks: Set<Int64> = [(1 << 30) - 1, (1 << 30) - 2]

  /// Whether it is a mark of `utimensat`, which means that the time is the present or stays.
  var isMark: Bool { unit == 1 && Self.marks.contains(fraction) }

  /// Whether the kernel accepts it.
  var isValid: Bool { isMark || (0..<1_000_000_000 / unit).contains(fraction) }

  /// The time moved ahead by `nanoseconds`, with a unit of one nanosecond; a mark stays.
  func moved(by nanoseconds: Int64) -> FileTime {
    guard !isMark else { return self }
    let sum = Int128(seconds) * 1_000_000_000 + Int128(fraction) * Int128(unit) + Int128(nanoseconds)
    let rest = (sum % 1_000_000_000 + 1_000_000_000) % 1_000_000_000
    return FileTime(seconds: Int64(clamping: (sum - rest) / 1_000_000_000), fraction: Int64(rest))
  }
}
