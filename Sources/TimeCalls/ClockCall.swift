// SPDX-License-Identifier: Apache-2.0

import ExecEngine

/// A system call that reads a clock.
struct ClockCall: Hashable, Sendable {
  let name: String
  let abi: SyscallABI
  let number: UInt32
  /// The argument that names the clock. Without one, the clock is REALTIME, or for calls that return whole seconds its coarse kind.
  var clock: Int?
  /// The argument that points at the memory for the time.
  let destination: Int
  let format: TimeFormat

  /// Every such call of the programs that run on this machine.
  static let all: [ClockCall] = [
    ClockCall(name: "clock_gettime", abi: .x86_64, number: 228, clock: 0, destination: 1, format: .timespec64),
    ClockCall(name: "gettimeofday", abi: .x86_64, number: 96, destination: 0, format: .timeval64),
    ClockCall(name: "time", abi: .x86_64, number: 201, destination: 0, format: .seconds64),
    ClockCall(name: "clock_gettime", abi: .i386, number: 265, clock: 0, destination: 1, format: .timespec32),
    ClockCall(name: "clock_gettime64", abi: .i386, number: 403, clock: 0, destination: 1, format: .timespec64),
    ClockCall(name: "gettimeofday", abi: .i386, number: 78, destination: 0, format: .timeval32),
    ClockCall(name: "time", abi: .i386, number: 13, destination: 0, format: .seconds32),
    ClockCall(name: "clock_gettime", abi: .aarch64, number: 113, clock: 0, destination: 1, format: .timespec64),
    ClockCall(name: "gettimeofday", abi: .aarch64, number: 169, destination: 0, format: .timeval64),
    ClockCall(name: "clock_gettime", abi: .riscv64, number: 113, clock: 0, destination: 1, format: .timespec64),
    ClockCall(name: "gettimeofday", abi: .riscv64, number: 169, destination: 0, format: .timeval64),
  ]
}
