// SPDX-License-Identifier: Apache-2.0

/// A day of the Gregorian calendar, and a time on it, in no particular zone.
struct CivilTime: Hashable, Sendable {
  var year: Int64
  var month: Int64
  var day: Int64
  var hour: Int64 = 0
  var minute: Int64 = 0
  var second: Int64 = 0

  /// How many days `month` of `year` has.
  static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Seconds since the epoch if the zone is Greenwich's.
  var secondsSinceEpoch: Int64 {
    ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  /// Days since 1970-01-01. The computation begins years in March, so that a leap day is the last day of its year.
  private var days: Int64 {
    let marchYear = month > 2 ? year : year - 1
    let marchMonth = (month + 9) % 12
    let (era, yearOfEra) = marchYear.quotientAndRemainder(dividingBy: 400)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * marchMonth + 2) / 5 + day
      - 719_469
  }

  /// The time in Greenwich `seconds` after the epoch, which must not be negative.
  init(secondsSinceEpoch seconds: Int64) {
    let (daysSinceEpoch, secondOfDay) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (era, dayOfEra) = (daysSinceEpoch + 719_468).quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    (hour, minute, second) = (secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60)
  }

  init(year: Int64, month: Int64, day: Int64) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// ISO 8601, without a zone.
  var text: String {
    "\(year)-\(twoDigits(month))-\(twoDigits(day))T\(twoDigits(hour)):\(twoDigits(minute)):\(twoDigits(second))"
  }
}

/// `number`, below 100, with two digits.
func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
