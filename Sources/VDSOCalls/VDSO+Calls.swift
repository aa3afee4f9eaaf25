// SPDX-License-Identifier: Apache-2.0

public import CSystemCalls
@_exported public import LinuxTypes

extension VDSO {
  /// The time of a clock. The corresponding C function is `clock_gettime`.
  @inlinable
  public func clockGettime(_ clock: ClockID) throws(Errno) -> Timespec {
    var time = linux_timespec()
    let result = unsafe clockGettime(clock.rawValue, &time)
    guard result == 0 else { throw Errno(result: result) }
    return Timespec(seconds: time.tv_sec, nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
  }

  /// The resolution of a clock. The corresponding C function is `clock_getres`.
  @inlinable
  public func clockGetres(_ clock: ClockID) throws(Errno) -> Timespec {
    var time = linux_timespec()
    let result = unsafe clockGetres(clock.rawValue, &time)
    guard result == 0 else { throw Errno(result: result) }
    return Timespec(seconds: time.tv_sec, nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
  }

  /// The time of day. The corresponding C function is `gettimeofday`.
  @inlinable
  public func gettimeofday() throws(Errno) -> Timeval {
    var time = linux_timeval()
    let result = unsafe gettimeofday(&time, nil)
    guard result == 0 else { throw Errno(result: result) }
    return Timeval(seconds: time.tv_sec, microseconds: UInt32(truncatingIfNeeded: time.tv_usec))
  }

  /// The processor that this thread runs on and its memory node, correct for some moment during the call.
  ///
  /// The corresponding C function is `getcpu`.
  @inlinable
  public func getcpu() throws(Errno) -> (cpu: UInt32, node: UInt32) {
    var cpu: UInt32 = 0
    var node: UInt32 = 0
    let result = unsafe getcpu(&cpu, &node)
    guard result == 0 else { throw Errno(result: result) }
    return (cpu, node)
  }

  /// The corresponding C function is `getpid`.
  @inlinable
  public func getpid() -> Int32 {
    Int32(bitPattern: call(.getpid, linux_nr_getpid))
  }

  /// The corresponding C function is `getppid`.
  @inlinable
  public func getppid() -> Int32 {
    Int32(bitPattern: call(.getppid, linux_nr_getppid))
  }

  /// The corresponding C function is `getuid`.
  @inlinable
  public func getuid() -> UInt32 { call(.getuid, linux_nr_getuid) }

  /// The corresponding C function is `geteuid`.
  @inlinable
  public func geteuid() -> UInt32 { call(.geteuid, linux_nr_geteuid) }

  /// The corresponding C function is `getgid`.
  @inlinable
  public func getgid() -> UInt32 { call(.getgid, linux_nr_getgid) }

  /// The corresponding C function is `getegid`.
  @inlinable
  public func getegid() -> UInt32 { call(.getegid, linux_nr_getegid) }
}
