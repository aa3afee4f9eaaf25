// SPDX-License-Identifier: Apache-2.0

import ExecEngine

/// A system call that sets the machine's clock, or reads how it is disciplined.
struct SettingCall: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// `clock_settime`, `settimeofday` or `stime`: sets the date to the time that an argument points at.
    case date(TimeFormat, argument: Int)
    /// `adjtimex` or `clock_adjtime`: takes a structure that an argument points at.
    case discipline(TimexFormat, argument: Int)
  }

  let abi: SyscallABI
  let number: UInt32
  let kind: Kind
  /// Whether argument 0 names a clock; only REALTIME is intercepted.
  var namesClock = false

  /// The call to intercept.
  var intercepted: InterceptedCall {
    InterceptedCall(abi, number, where: namesClock ? [.init(argument: 0, value: 0)] : [])
  }

  private static func native(
    _ abi: SyscallABI, _ settime: UInt32, _ settimeofday: UInt32, _ adjtimex: UInt32, _ adjtime: UInt32
  ) -> [SettingCall] {
    [
      SettingCall(abi: abi, number: settime, kind: .date(.timespec64, argument: 1), namesClock: true),
      SettingCall(abi: abi, number: settimeofday, kind: .date(.timeval64, argument: 0)),
      SettingCall(abi: abi, number: adjtimex, kind: .discipline(.bits64, argument: 0)),
      SettingCall(abi: abi, number: adjtime, kind: .discipline(.bits64, argument: 1), namesClock: true),
    ]
  }

  /// Every such call of the programs that run on this machine.
  static let all =
    native(.x86_64, 227, 164, 159, 305) + native(.aarch64, 112, 170, 171, 266) + native(.riscv64, 112, 170, 171, 266)
    + [
      SettingCall(abi: .i386, number: 264, kind: .date(.timespec32, argument: 1), namesClock: true),
      SettingCall(abi: .i386, number: 404, kind: .date(.compatTimespec64, argument: 1), namesClock: true),
      SettingCall(abi: .i386, number: 79, kind: .date(.timeval32, argument: 0)),
      SettingCall(abi: .i386, number: 25, kind: .date(.seconds32, argument: 0)),
      SettingCall(abi: .i386, number: 124, kind: .discipline(.bits32, argument: 0)),
      SettingCall(abi: .i386, number: 343, kind: .discipline(.bits32, argument: 1), namesClock: true),
      SettingCall(abi: .i386, number: 405, kind: .discipline(.bits64, argument: 1), namesClock: true),
    ]
}
