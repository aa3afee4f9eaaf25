// SPDX-License-Identifier: Apache-2.0

/// A system call in which tasks wait for the supervisor's answer.
public struct InterceptedCall: Hashable, Sendable {
  /// A condition for calls to wait: an argument's lower 32 bits, masked, must have a value.
  public struct Condition: Hashable, Sendable {
    /// The argument, counted from 0.
    public var argument: Int
    public var mask: UInt32
    public var value: UInt32

    public init(argument: Int, mask: UInt32 = .max, value: UInt32) {
      self.argument = argument
      self.mask = mask
      self.value = value
    }
  }

  public var abi: SyscallABI
  public var number: UInt32
  /// All conditions must hold. Without any, all calls of the number wait.
  public var conditions: [Condition]
  /// An argument, counted from 0. A call in which it is 0 doesn't wait.
  public var pointer: Int?

  public init(
    _ abi: SyscallABI, _ number: UInt32, where conditions: [Condition] = [], unlessNull pointer: Int? = nil
  ) {
    self.abi = abi
    self.number = number
    self.conditions = conditions
    self.pointer = pointer
  }
}

/// A table of system call numbers. The corresponding C constants are `AUDIT_ARCH_*`.
public struct SyscallABI: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  public static let x86_64 = SyscallABI(rawValue: 0xc000_003e)
  public static let i386 = SyscallABI(rawValue: 0x4000_0003)
  public static let arm = SyscallABI(rawValue: 0x4000_0028)
  public static let aarch64 = SyscallABI(rawValue: 0xc000_00b7)
  public static let riscv64 = SyscallABI(rawValue: 0xc000_00f3)

  /// Whether programs on this machine make calls of this ABI.
  var isOfThisMachine: Bool {
    #if arch(x86_64)
      self == .x86_64 || self == .i386
    #elseif arch(arm64)
      self == .aarch64 || self == .arm
    #else
      self == .riscv64
    #endif
  }

  /// The bit that programs with 32-bit pointers add to numbers of `x86_64`. The corresponding C constant is `__X32_SYSCALL_BIT`.
  public static let x32: UInt32 = 0x4000_0000
}

extension [InterceptedCall] {
  /// execve and execveat, for every kind of program that this machine runs.
  static let executing: [InterceptedCall] = [
    InterceptedCall(.x86_64, 59), InterceptedCall(.x86_64, 322),
    InterceptedCall(.x86_64, SyscallABI.x32 + 520), InterceptedCall(.x86_64, SyscallABI.x32 + 545),
    InterceptedCall(.i386, 11), InterceptedCall(.i386, 358),
    InterceptedCall(.aarch64, 221), InterceptedCall(.aarch64, 281),
    InterceptedCall(.arm, 11), InterceptedCall(.arm, 387),
    InterceptedCall(.riscv64, 221), InterceptedCall(.riscv64, 281),
  ].ofThisMachine

  /// The calls that programs on this machine make.
  var ofThisMachine: [InterceptedCall] { filter { $0.abi.isOfThisMachine } }
}
