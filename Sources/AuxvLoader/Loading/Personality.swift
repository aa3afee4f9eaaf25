import CLinux

/// The one attribute of a process that changes what its mappings become. The corresponding C function is `personality`.
struct Personality: Hashable, Sendable {
  private static let readImpliesExecute = 0x40_0000
  private let flags: Int

  static var current: Personality {
    Personality(flags: linux_syscall(linux_call_personality, 0xffff_ffff, 0, 0, 0, 0, 0))
  }

  /// Whether memory that is mapped readable becomes executable by the way. The corresponding C constant is `READ_IMPLIES_EXEC`.
  var readImpliesExecute: Bool { flags > 0 && flags & Self.readImpliesExecute != 0 }

  /// The same but for that.
  func settingReadImpliesExecute(to value: Bool) -> Personality {
    Personality(flags: value ? flags | Self.readImpliesExecute : flags & ~Self.readImpliesExecute)
  }

  /// Makes it that of this process. A kernel that has none leaves everything as it is.
  func adopt() {
    if flags >= 0 { _ = linux_syscall(linux_call_personality, flags, 0, 0, 0, 0, 0) }
  }
}
