// SPDX-License-Identifier: Apache-2.0

// libc's functions for the ids of the process.
//
// Assumes the same as ClockFunctions.swift. A page's getpid asks the kernel itself if the page doesn't hold the process id.

public import CSystemCalls
public import CVDSOShim

@c @implementation
public func getpid() -> pid_t {
  guard let target = unsafe shim_own_target(SHIM_GETPID) else { return pidOfKernel() }
  typealias Function = @convention(c) () -> Int32
  return unsafe unsafeBitCast(target, to: Function.self)()
}

@inline(never)
private func pidOfKernel() -> pid_t {
  pid_t(truncatingIfNeeded: linux_syscall(linux_nr_getpid, 0, 0, 0, 0, 0, 0))
}

@c @implementation
public func getuid() -> uid_t { identity(linux_nr_getuid) }

@c @implementation
public func geteuid() -> uid_t { identity(linux_nr_geteuid) }

@c @implementation
public func getgid() -> gid_t { identity(linux_nr_getgid) }

@c @implementation
public func getegid() -> gid_t { identity(linux_nr_getegid) }

private func identity(_ number: Int) -> UInt32 {
  UInt32(truncatingIfNeeded: linux_syscall(number, 0, 0, 0, 0, 0, 0))
}
