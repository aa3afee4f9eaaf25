// SPDX-License-Identifier: Apache-2.0

// The local time zone, through libc's zone database.
//
// Assumes that no other thread changes the environment meanwhile: libc reads TZ. Only local variables are passed to C, and they live
// through the call.

import Glibc

/// The local time zone. The corresponding C functions are `mktime` and `localtime_r`.
enum LocalTime {
  /// Seconds since the epoch when the local clocks first show `time`; nil if they never do.
  static func secondsSinceEpoch(_ time: CivilTime) -> Int64? {
    // mktime may use the other kind of time than requested, and moves a time that doesn't exist, so its result is checked.
    [1, 0].compactMap { isSummerTime -> Int64? in
      var fields = unsafe tm()
      unsafe fields.tm_year = Int32(time.year - 1900)
      unsafe fields.tm_mon = Int32(time.month - 1)
      unsafe fields.tm_mday = Int32(time.day)
      unsafe fields.tm_hour = Int32(time.hour)
      unsafe fields.tm_min = Int32(time.minute)
      unsafe fields.tm_sec = Int32(time.second)
      unsafe fields.tm_isdst = Int32(isSummerTime)
      let seconds = unsafe mktime(&fields)
      return civil(seconds) == time ? Int64(seconds) : nil
    }.min()
  }

  /// The local time `seconds` after the epoch.
  private static func civil(_ seconds: time_t) -> CivilTime? {
    var seconds = seconds
    var fields = unsafe tm()
    guard unsafe localtime_r(&seconds, &fields) != nil else { return nil }
    var time = unsafe CivilTime(
      year: Int64(fields.tm_year) + 1900, month: Int64(fields.tm_mon) + 1, day: Int64(fields.tm_mday))
    time.hour = unsafe Int64(fields.tm_hour)
    time.minute = unsafe Int64(fields.tm_min)
    time.second = unsafe Int64(fields.tm_sec)
    return time
  }
}
