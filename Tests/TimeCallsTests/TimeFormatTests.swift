// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TimeCalls

@Suite("Times in memory")
struct TimeFormatTests {
  private static let formats: [(format: TimeFormat, unit: Int64, wordSize: Int)] = [
    (.timespec64, 1, 8), (.timespec32, 1, 4), (.compatTimespec64, 1, 8), (.timeval64, 1000, 8), (.timeval32, 1000, 4),
    (.seconds64, 1_000_000_000, 8), (.seconds32, 1_000_000_000, 4),
  ]

  @Test("reads times as they were written, in the format's unit, rounded as requested")
  func roundTrip() {
    for (format, unit, _) in Self.formats {
      for nanoseconds: Int64 in [0, 1, 999, 1_000_000_000, 1_999_999_999, 2_147_483_647_999_999_999] {
        let down = format.nanoseconds(format.bytes(nanoseconds)[...])
        #expect(down == nanoseconds / unit * unit, "\(format)")
        guard nanoseconds < 2_147_483_647_000_000_000 else { continue }
        let up = format.nanoseconds(format.bytes(nanoseconds, roundingUp: true)[...])
        #expect(up == (nanoseconds + unit - 1) / unit * unit, "\(format)")
      }
    }
  }

  @Test("rejects times that the kernel rejects: negative, fraction out of range, truncated")
  func refused() {
    for (format, unit, wordSize) in Self.formats {
      let negative = [UInt8](repeating: 0xff, count: wordSize) + [UInt8](repeating: 0, count: wordSize)
      #expect(format.nanoseconds(negative[...]) == nil, "\(format)")
      #expect(format.nanoseconds(format.bytes(5)[...].dropLast()) == nil)
      guard unit < 1_000_000_000 else { continue }
      // The lower half of the second word, in little-endian order.
      let limit = UInt32(1_000_000_000 / unit)
      let fraction = (0..<4).map { UInt8(truncatingIfNeeded: limit >> (8 * UInt32($0))) }
      let tooMany =
        [UInt8](repeating: 0, count: wordSize) + fraction + [UInt8](repeating: 0, count: wordSize - 4)
      #expect(format.nanoseconds(tooMany[...]) == nil, "\(format)")
    }
  }

  @Test("ignores the padding behind the nanoseconds in times of 32-bit programs")
  func padding() {
    let bytes = TimeFormat.timespec64.bytes(1_000_000_005).dropLast(4) + [1, 2, 3, 4]
    #expect(TimeFormat.compatTimespec64.nanoseconds(bytes) == 1_000_000_005)
    #expect(TimeFormat.timespec64.nanoseconds(bytes) == nil)
  }

  @Test("reads times beyond 64-bit nanoseconds as the latest possible time")
  func saturation() {
    let late = [UInt8](repeating: 0xff, count: 7) + [0x7f] + [UInt8](repeating: 0, count: 8)
    #expect(TimeFormat.timespec64.nanoseconds(late[...]) == .max)
    #expect(TimeFormat.timeval64.nanoseconds(late[...]) == .max)
  }
}
