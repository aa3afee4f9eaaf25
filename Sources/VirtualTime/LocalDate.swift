// SPDX-License-Identifier: Apache-2.0

// The grammar of dates, which is that of ISO 8601 and of its common variants:
//
//     date = YYYY "-" MM "-" DD [("T" | " ") hh ":" mm [":" ss [("." | ",") fraction]]] [[" "] zone]
//     zone = "Z" | "UTC" | "GMT" | ("+" | "-") hh [[":"] mm]
//
// Months, days and hours may have one digit. Second 60 counts as the first second of the next minute.

/// Dates as people write them: in the zone that they name, or in the local one.
enum LocalDate {
  private static let namesOfGreenwich = ["Z", "UTC", "GMT"]

  /// Reads a date, in nanoseconds since the epoch.
  static func scan(_ scanner: inout SpecificationScanner) throws(SpecificationError) -> Int128 {
    let start = scanner.position
    var time = try day(&scanner)
    var fraction: Int64 = 0
    var zone: Int64?
    if scanner.isBeforeTime || scanner.next == "T" {
      _ = scanner.skip(" ") || scanner.skip("T")
      fraction = try timeOfDay(&scanner, into: &time)
    }
    scanner.skipSpace(before: Self.namesOfGreenwich)
    zone = try offsetFromGreenwich(&scanner)
    // No local clock shows second 60.
    let isLeap = time.second == 60
    if isLeap { time.second = 59 }
    let seconds = zone.map { time.secondsSinceEpoch - $0 } ?? LocalTime.secondsSinceEpoch(time)
    guard let seconds else { throw scanner.error(.noSuchLocalTime, at: start) }
    return Int128(seconds + (isLeap ? 1 : 0)) * 1_000_000_000 + Int128(fraction)
  }

  private static func day(_ scanner: inout SpecificationScanner) throws(SpecificationError) -> CivilTime {
    let start = scanner.position
    let year = try scanner.digits(atMost: 4, flaw: .date)
    guard year.count == 4 else { throw scanner.error(.date, at: start) }
    guard scanner.skip("-") else { throw scanner.error(.date) }
    let month = try field("month", 1...12, &scanner)
    guard scanner.skip("-") else { throw scanner.error(.date) }
    let dayStart = scanner.position
    let day = try field("day", 1...31, &scanner)
    let days = CivilTime.days(inMonth: month, of: year.value)
    guard day <= days else {
      throw scanner.error(.noSuchDay(year: year.value, month: month, days: days), at: dayStart)
    }
    return CivilTime(year: year.value, month: month, day: day)
  }

  /// Reads a time of the day into `time` and returns the billionths of its second.
  private static func timeOfDay(
    _ scanner: inout SpecificationScanner, into time: inout CivilTime
  ) throws(SpecificationError) -> Int64 {
    time.hour = try field("hour", 0...23, &scanner)
    guard scanner.skip(":") else { throw scanner.error(.date) }
    time.minute = try field("minute", 0...59, &scanner)
    guard scanner.skip(":") else { return 0 }
    time.second = try field("second", 0...60, &scanner)
    return scanner.skipPoint() ? try scanner.fraction() : 0
  }

  /// Reads a zone, in seconds east of Greenwich; nil if there is none.
  private static func offsetFromGreenwich(
    _ scanner: inout SpecificationScanner
  ) throws(SpecificationError) -> Int64? {
    if namesOfGreenwich.contains(where: { scanner.skipWord($0) }) { return 0 }
    let isWest = scanner.next == "-"
    guard scanner.skip("+") || scanner.skip("-") else { return nil }
    let hours = try field("zone's hour", 0...15, &scanner)
    let minutes = scanner.skip(":") || scanner.digit != nil ? try field("zone's minute", 0...59, &scanner) : 0
    return (hours * 60 + minutes) * (isWest ? -60 : 60)
  }

  /// Reads one or two digits that make a number within `range`.
  private static func field(
    _ name: String, _ range: ClosedRange<Int64>, _ scanner: inout SpecificationScanner
  ) throws(SpecificationError) -> Int64 {
    let start = scanner.position
    let value = try scanner.digits(atMost: 2, flaw: .date).value
    guard range.contains(value) else { throw scanner.error(.field(name, range), at: start) }
    return value
  }
}
