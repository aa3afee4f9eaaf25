// SPDX-License-Identifier: Apache-2.0

// The resolver's calls in a 32-bit program, for C.

public import CSystemCalls
import VDSOCalls

@c(calls_clock_gettime)
public func clockGettime(_ clock: Int32, _ time: UnsafeMutablePointer<linux_timespec>) -> Int32 {
  unsafe Int32(VDSO.current().clockGettime(clock, time))
}

@c(calls_clock_getres)
public func clockGetres(_ clock: Int32, _ time: UnsafeMutablePointer<linux_timespec>) -> Int32 {
  unsafe Int32(VDSO.current().clockGetres(clock, time))
}

@c(calls_gettimeofday)
public func gettimeofday(_ time: UnsafeMutablePointer<linux_timeval>) -> Int32 {
  unsafe Int32(VDSO.current().gettimeofday(time, nil))
}

@c(calls_time)
public func time() -> Int64 { VDSO.current().time() }

@c(calls_getpid)
public func getpid() -> Int32 { VDSO.current().getpid() }

/// Whether the clocks with 64-bit seconds come from the vDSO.
@c(calls_is_served)
public func isServed() -> Int32 {
  VDSO.current().resolution(of: .clockGettime64).address == nil ? 0 : 1
}

/// How many functions the self-check found to lie.
@c(calls_lies)
public func lies() -> Int32 { Int32(VDSO.current().selfCheck().count) }
