import CLinux

/// The one attribute of a process that changes what its mappings become. The corresponding C function is `personality`.
struct Personality: Hashable, Sendable {
  private static let readImpliesExecute = 0x40_0000
  private let before: Int

  /// Lets memory that is mapped readable not become executable by the way, as execve does, and returns what was before.
  static func clearReadImpliesExecute() -> Personality {
    let before = linux_syscall(linux_call_personality, 0xffff_ffff, 0, 0, 0, 0, 0)
    if before > 0, before & readImpliesExecute != 0 {
      _ = linux_syscall(linux_call_personality, before & ~readImpliesExecute, 0, 0, 0, 0, 0)
    }
    return Personality(before: before)
  }

  /// Makes the process what it was.
  func restore() {
    if before > 0 { _ = linux_syscall(linux_call_personality, before, 0, 0, 0, 0, 0) }
  }
}
