// SPDX-License-Identifier: Apache-2.0

// libc's clock functions and getcpu. Each calls the vDSO's function if there is one, else makes the system call.
//
// Assumes: a target is the vDSO's function of that name; its name, version, type and address were checked when the library started. The
// caller's pointers are null or lead to memory of the structure's size. A null time, which libc's header forbids, goes to the kernel,
// because the vDSO would crash on it.

public import CSystemCalls
public import CVDSOShim

private typealias ClockFunction = @convention(c) (Int32, UnsafeMutableRawPointer?) -> Int32
private typealias PairFunction =
  @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32

@c @implementation
public func clock_gettime(_ clock: clockid_t, _ time: UnsafeMutablePointer<timespec>) -> Int32 {
  if Int(bitPattern: time) != 0, let target = unsafe shim_target(SHIM_CLOCK_GETTIME) {
    let result = unsafe unsafeBitCast(target, to: ClockFunction.self)(clock, time)
    if isAnswer(result) { return shim_result(Int(result)) }
  }
  return shim_result(linux_syscall(linux_nr_clock_gettime, Int(clock), Int(bitPattern: time), 0, 0, 0, 0))
}

@c @implementation
public func clock_getres(_ clock: clockid_t, _ resolution: UnsafeMutablePointer<timespec>!) -> Int32 {
  // Linux 6.18's function succeeds for auxiliary clocks (16 to 23) that don't exist.
  if UInt32(bitPattern: clock) <= 11, let target = unsafe shim_target(SHIM_CLOCK_GETRES) {
    let result = unsafe unsafeBitCast(target, to: ClockFunction.self)(clock, resolution)
    if isAnswer(result) { return shim_result(Int(result)) }
  }
  return shim_result(linux_syscall(linux_nr_clock_getres, Int(clock), Int(bitPattern: resolution), 0, 0, 0, 0))
}

@c @implementation
public func gettimeofday(_ time: UnsafeMutablePointer<timeval>, _ zone: UnsafeMutableRawPointer!) -> Int32 {
  if let target = unsafe shim_target(SHIM_GETTIMEOFDAY) {
    let result = unsafe unsafeBitCast(target, to: PairFunction.self)(time, zone, nil)
    if isAnswer(result) { return shim_result(Int(result)) }
  }
  return shim_result(linux_syscall(linux_nr_gettimeofday, Int(bitPattern: time), Int(bitPattern: zone), 0, 0, 0, 0))
}

@c @implementation
public func getcpu(_ cpu: UnsafeMutablePointer<UInt32>!, _ node: UnsafeMutablePointer<UInt32>!) -> Int32 {
  if let target = unsafe shim_target(SHIM_GETCPU) {
    let result = unsafe unsafeBitCast(target, to: PairFunction.self)(cpu, node, nil)
    if isAnswer(result) { return shim_result(Int(result)) }
  }
  return shim_result(linux_syscall(linux_nr_getcpu, Int(bitPattern: cpu), Int(bitPattern: node), 0, 0, 0, 0))
}

@c @implementation
public func time(_ seconds: UnsafeMutablePointer<time_t>!) -> time_t {
  typealias TimeFunction = @convention(c) (UnsafeMutableRawPointer?) -> Int
  if let target = unsafe shim_target(SHIM_TIME) {
    let result = unsafe unsafeBitCast(target, to: TimeFunction.self)(seconds)
    if result >= 0 { return result }
  }
  // Some architectures have neither this function nor this system call. The result is the seconds of the coarse clock on all of them.
  var now = linux_timespec()
  let isAnswered = unsafe withUnsafeMutablePointer(to: &now) { pointer in
    guard let target = unsafe shim_target(SHIM_CLOCK_GETTIME) else { return false }
    return unsafe unsafeBitCast(target, to: ClockFunction.self)(coarseClock, pointer) == 0
  }
  if !isAnswered {
    _ = unsafe withUnsafeMutablePointer(to: &now) { pointer in
      linux_syscall(linux_nr_clock_gettime, Int(coarseClock), Int(bitPattern: pointer), 0, 0, 0, 0)
    }
  }
  if let seconds = unsafe seconds { unsafe seconds.pointee = Int(now.tv_sec) }
  return Int(now.tv_sec)
}

/// The corresponding C constant is `CLOCK_REALTIME_COARSE`.
private let coarseClock: Int32 = 5

/// Whether a function's result is final: the kernel would repeat EINVAL. Some kernels' functions return ENOSYS for what they can't do, and
/// then the kernel is asked.
private func isAnswer(_ result: Int32) -> Bool { result >= 0 || result == -22 }
