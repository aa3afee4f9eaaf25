// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The one attribute of a process that changes what its mappings become, and where. Programs that it executes keep it, all but
/// what READ_IMPLIES_EXEC says. The corresponding C function is `personality`.
public struct Personality: Hashable, Sendable {
  private static let readImpliesExecute = 0x40_0000
  private static let noRandomization = 0x4_0000
  private let flags: Int

  public static var current: Personality {
    Personality(flags: linux_syscall(linux_call_personality, 0xffff_ffff, 0, 0, 0, 0, 0))
  }

  /// Whether memory that is mapped readable becomes executable by the way. The corresponding C constant is `READ_IMPLIES_EXEC`.
  var readImpliesExecute: Bool { flags > 0 && flags & Self.readImpliesExecute != 0 }

  /// The same but for that.
  func settingReadImpliesExecute(to value: Bool) -> Personality {
    Personality(flags: value ? flags | Self.readImpliesExecute : flags & ~Self.readImpliesExecute)
  }

  /// Whether execve puts stack, mappings and break at random addresses. The corresponding C constant is `ADDR_NO_RANDOMIZE`.
  public var randomizesAddresses: Bool { flags < 0 || flags & Self.noRandomization == 0 }

  /// The same but for that.
  public func settingRandomizesAddresses(to value: Bool) -> Personality {
    guard flags >= 0 else { return self }
    return Personality(flags: value ? flags & ~Self.noRandomization : flags | Self.noRandomization)
  }

  /// Makes it that of this process. A kernel that has none, or a filter that forbids it, leaves everything as it is.
  public func adopt() {
    if flags >= 0 { _ = linux_syscall(linux_call_personality, flags, 0, 0, 0, 0, 0) }
  }
}
