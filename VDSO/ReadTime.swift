// A clock's reading, from the page if it can tell, else from the host: 0, or a negated error number.

import CVDSO
import Guest

#if arch(i386)
  // Two layouts of time, and a page too small for two copies of the fast path: it gives an instant in registers.

  @inline(__always)
  func readTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
    let instant = sharedWindowInstant(id)
    guard instant.nanoseconds != UInt32.max else { return unsafe anyTime(id, time) }
    unsafe time.pointee = instant.timespec
    return 0
  }

  @inline(__always)
  func readTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_native_time_t>) -> Int32 {
    let instant = sharedWindowInstant(id)
    guard instant.nanoseconds != UInt32.max else { return unsafe anyNativeTime(id, time) }
    unsafe time.pointee = instant.nativeTime
    return 0
  }

  /// An instant, or nanoseconds of all ones for none.
  @inline(never)
  private func sharedWindowInstant(_ id: Int32) -> Instant {
    windowInstant(id) ?? Instant(seconds: 0, nanoseconds: UInt32.max)
  }

  @inline(never)
  private func anyNativeTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_native_time_t>) -> Int32 {
    var wide = guest_unset_timespec64()
    let status = unsafe anyTime(id, &wide)
    if status == 0 {
      unsafe time.pointee = guest_native_time_t(
        seconds: guest_native_word(wide.seconds), nanoseconds: guest_native_word(wide.nanoseconds))
    }
    return status
  }
#else
  @inline(__always)
  func readTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_native_time_t>) -> Int32 {
    guard let instant = windowInstant(id) else { return unsafe anyTime(id, time) }
    unsafe time.pointee = instant.nativeTime
    return 0
  }
#endif

/// Reads clock `id` into `time` in every case.
@inline(never)
func anyTime(_ id: Int32, _ time: UnsafeMutablePointer<guest_timespec64_t>) -> Int32 {
  let index = UInt32(bitPattern: id)
  if index < UInt32(VDSO_CLOCK_COUNT), let instant = pageInstant(index) {
    unsafe time.pointee = instant.timespec
    return 0
  }
  return unsafe exactTime(id, time)
}
