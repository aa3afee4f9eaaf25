// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The attribute of a process that decides about the protection and the addresses of its mappings. Programs that it executes inherit it,
/// except for READ_IMPLIES_EXEC. The corresponding C function is `personality`.
public struct Personality: Hashable, Sendable {
  private static let readImpliesExecute = 0x40_0000
  private static let noRandomization = 0x4_0000
  private let flags: Int

  /// The personality of this process, as the kernel returns it now.
  public static var current: Personality {
    Personality(flags: linux_syscall(linux_call_personality, 0xffff_ffff, 0, 0, 0, 0, 0))
  }

  /// Whether memory that is mapped readable becomes executable too. The corresponding C constant is `READ_IMPLIES_EXEC`.
  var readImpliesExecute: Bool { flags > 0 && flags & Self.readImpliesExecute != 0 }

  /// The same personality with that flag set or cleared.
  func settingReadImpliesExecute(to value: Bool) -> Personality {
    Personality(flags: value ? flags | Self.readImpliesExecute : flags & ~Self.readImpliesExecute)
  }

  /// Whether execve puts stack, mappings and break at random addresses. The corresponding C constant is `ADDR_NO_RANDOMIZE`.
  public var randomizesAddresses: Bool { flags < 0 || flags & Self.noRandomization == 0 }

  /// The same personality with that flag set or cleared.
  public func settingRandomizesAddresses(to value: Bool) -> Personality {
    guard flags >= 0 else { return self }
    return Personality(flags: value ? flags & ~Self.noRandomization : flags | Self.noRandomization)
  }

  /// Makes it this process's personality. Does nothing if the kernel has no personalities or a filter forbids the call.
  public func adopt() {
    if flags >= 0 { _ = linux_syscall(linux_call_personality, flags, 0, 0, 0, 0, 0) }
  }
}
