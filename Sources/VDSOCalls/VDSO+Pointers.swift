// SPDX-License-Identifier: Apache-2.0

// The calls with C's signatures: they take pointers and return the kernel's result.
//
// Assumes: the caller's pointers are null or lead to memory of the structure's size, as for the C functions. A bad pointer may raise a
// signal, while the system call would return EFAULT.

public import CSystemCalls

extension VDSO {
  /// The corresponding C function is `clock_gettime`. Returns 0 or a negated error number.
  @inlinable @unsafe public func clockGettime(_ clock: Int32, _ time: UnsafeMutablePointer<linux_timespec>?) -> Int {
    unsafe call(.wideClockGettime, linux_nr_clock_gettime, clock, UnsafeMutableRawPointer(time))
  }

  /// The corresponding C function is `clock_getres`. Returns 0 or a negated error number.
  @inlinable @unsafe public func clockGetres(_ clock: Int32, _ time: UnsafeMutablePointer<linux_timespec>?) -> Int {
    unsafe call(.wideClockGetres, linux_nr_clock_getres, clock, UnsafeMutableRawPointer(time))
  }

  /// The corresponding C function is `gettimeofday`. Returns 0 or a negated error number.
  @inlinable @unsafe public func gettimeofday(
    _ time: UnsafeMutablePointer<linux_timeval>?, _ zone: UnsafeMutableRawPointer?
  ) -> Int {
    #if _pointerBitWidth(_64)
      return unsafe call(.gettimeofday, linux_nr_gettimeofday, UnsafeMutableRawPointer(time), zone)
    #else
      // The seconds of a 32-bit gettimeofday end in 2038.
      var now = linux_timespec()
      let result = unsafe clockGettime(0, &now)
      guard result == 0 else { return result }
      unsafe time?.pointee = linux_timeval(tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000)
      return unsafe zone == nil ? 0 : trap(linux_nr_gettimeofday, 0, Int(bitPattern: zone), 0, 0, 0, 0)
    #endif
  }

  /// The corresponding C function is `getcpu`. Returns 0 or a negated error number.
  @inlinable @unsafe public func getcpu(_ cpu: UnsafeMutablePointer<UInt32>?, _ node: UnsafeMutablePointer<UInt32>?)
    -> Int
  {
    unsafe call(
      .getcpu, linux_nr_getcpu, UnsafeMutableRawPointer(cpu), UnsafeMutableRawPointer(node))
  }

  /// Fills a buffer with random bytes. Returns how many, or a negated error number.
  ///
  /// `state` is this thread's opaque state of `stateSize` bytes, mapped as the vDSO's function requires when it is called with a size of
  /// ~0. Without a state the kernel is asked. The corresponding C function is `getrandom`.
  @unsafe public func getrandom(
    _ buffer: UnsafeMutableRawPointer?, _ count: Int, flags: UInt32, state: UnsafeMutableRawPointer? = nil,
    stateSize: Int = 0
  ) -> Int {
    typealias Function =
      @convention(c) (UnsafeMutableRawPointer?, Int, UInt32, UnsafeMutableRawPointer?, Int) -> Int
    if unsafe state != nil, let target = unsafe target(.getrandom) {
      let result = unsafe unsafeBitCast(target, to: Function.self)(buffer, count, flags, state, stateSize)
      if isAnswer(result) { return result }
    }
    return trap(
      linux_nr_getrandom, Int(bitPattern: buffer), count, Int(flags), 0, 0, 0)
  }

  /// The corresponding C function is `time` with a null argument.
  @inlinable public func time() -> Int64 {
    #if _pointerBitWidth(_64)
      if let target = unsafe target(.time) {
        typealias Function = @convention(c) (UnsafeMutableRawPointer?) -> Int
        let result = unsafe unsafeBitCast(target, to: Function.self)(nil)
        if result != -38 { return Int64(result) }
      }
      return timeFromKernel()
    #else
      // The seconds of a 32-bit time() end in 2038.
      var now = linux_timespec()
      return unsafe clockGettime(5, &now) == 0 ? now.tv_sec : timeFromKernel()
    #endif
  }

  /// The seconds of the coarse clock, which `time` returns on every architecture; some have no system call `time`.
  @usableFromInline
  func timeFromKernel() -> Int64 {
    var time = linux_timespec()
    _ = unsafe withUnsafeMutablePointer(to: &time) { pointer in
      trap(linux_nr_clock_gettime, 5, Int(bitPattern: pointer), 0, 0, 0, 0)
    }
    return time.tv_sec
  }
}
