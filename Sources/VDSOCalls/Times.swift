// SPDX-License-Identifier: Apache-2.0

public import CSystemCalls
@_exported public import LinuxTypes

/// The C structure `timespec`: seconds, and nanoseconds below a thousand million.
public typealias Timespec = linux_timespec

/// The C structure `timeval`: seconds, and microseconds below a million.
public typealias Timeval = linux_timeval
