// SPDX-License-Identifier: Apache-2.0

// The entry points that return the time. Architectures give them their exported names in Arch/<architecture>/entry.S.
//
// They keep Linux's contract: the result is 0 or a negated error number, never ENOSYS, and a bad pointer may fault instead of giving
// EFAULT.

import CVDSO
import Guest

private let realtime = Int32(VDSO_CLOCK_REALTIME)
let realtimeCoarse = Int32(VDSO_CLOCK_REALTIME_COARSE)

#if arch(i386)
  @c(vdso_clock_gettime64)
  @inline(never)
  public func clockGettime64(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
    unsafe readTime(id, time)
  }

  /// The seconds have 32 bits and end in 2038. Of later seconds the low word remains, as in the kernel's own page. The page has no space
  /// for a second fast path, and today's libcs use 64-bit seconds.
  @c(vdso_clock_gettime)
  public func clockGettime(_ id: Int32, _ time: UnsafeMutablePointer<guest_native_time_t>) -> Int32 {
    var wide = guest_unset_timespec64()
    let status = unsafe clockGettime64(id, &wide)
    if status == 0 {
      unsafe time.pointee = guest_native_time_t(
        seconds: guest_native_word(wide.seconds), nanoseconds: guest_native_word(wide.nanoseconds))
    }
    return status
  }
#else
  @c(vdso_clock_gettime)
  @inline(never)
  public func clockGettime64(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
    unsafe readTime(id, time)
  }
#endif

@c(vdso_gettimeofday)
public func gettimeofday(
  _ time: UnsafeMutablePointer<guest_native_time_t>?, _ timezone: UnsafeMutablePointer<guest_timezone_t>?
) -> Int32 {
  if let timezone = unsafe timezone {
    let data = unsafe guest_time_data(guest_sequence())
    unsafe timezone.pointee = guest_timezone_t(
      minutes_west: vdso_time_data_timezone_minutes_west(data), dst: vdso_time_data_timezone_dst(data))
  }
  guard let time = unsafe time else { return 0 }
  var wide = guest_unset_timespec64()
  let status = unsafe clockGettime64(realtime, &wide)
  if status == 0 {
    unsafe time.pointee = guest_native_time_t(
      seconds: guest_native_word(wide.seconds),
      nanoseconds: guest_native_word(Int64(guest_word32(wide.nanoseconds) / 1000)))
  }
  return status
}

/// The seconds of CLOCK_REALTIME_COARSE, as in Linux's own page.
@c(vdso_time)
public func time(_ result: UnsafeMutablePointer<guest_word_t>?) -> Int {
  let date = guest_date()
  guard guest_seconds_are_valid(date) != 0 else { return unsafe timeSlowPath(result) }
  let seconds = guest_word_t(truncatingIfNeeded: date.seconds)
  if let result = unsafe result {
    unsafe result.pointee = seconds
  }
  return Int(seconds)
}

/// The same if the page's word for the seconds isn't valid.
@inline(never)
private func timeSlowPath(_ result: UnsafeMutablePointer<guest_word_t>?) -> Int {
  #if arch(x86_64)
    // The host's own time function is one load; reading its clock takes a call and more. i386 has no space for this shortcut.
    let map = unsafe guest_clock_map(guest_time_data(guest_sequence()), UInt32(realtimeCoarse))
    if unsafe guest_host_has_time() != 0 && vdso_clock_map_kind(map) == UInt32(VDSO_MAP_IDENTITY) {
      return unsafe guest_host_time(result)
    }
  #endif
  var wide = guest_unset_timespec64()
  let status = unsafe anyTime(realtimeCoarse, &wide)
  let seconds = status == 0 ? guest_native_word(wide.seconds) : guest_word_t(status)
  if let result = unsafe result {
    unsafe result.pointee = seconds
  }
  return Int(seconds)
}

/// The host's result in every mode: no clock of the page is coarser than the host's. A page without a host returns its own.
@c(vdso_clock_getres)
public func clockGetres(_ id: Int32, _ resolution: UnsafeMutablePointer<guest_native_time_t>?) -> Int32 {
  let index = UInt32(bitPattern: id)
  if guest_has_host() == 0, index < UInt32(VDSO_CLOCK_COUNT) {
    let clock = unsafe guest_clock(guest_time_data(guest_sequence()), index)
    if unsafe vdso_clock_source(clock) != UInt32(VDSO_SOURCE_HOST) {
      if let resolution = unsafe resolution {
        unsafe resolution.pointee = guest_native_time_t(
          seconds: 0, nanoseconds: guest_native_word(Int64(vdso_clock_resolution(clock))))
      }
      return 0
    }
  }
  if guest_host_has_clock_getres() != 0 {
    return unsafe guest_host_clock_getres(id, resolution)
  }
  return Int32(truncatingIfNeeded: guest_trap(GUEST_NR_CLOCK_GETRES, Int(id), Int(bitPattern: resolution), 0))
}
