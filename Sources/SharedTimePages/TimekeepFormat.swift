// SPDX-License-Identifier: Apache-2.0

public import ELF

/// The layout of FreeBSD's shared page on one architecture.
///
/// From `sys/sys/vdso.h` and `machine/vdso.h` of FreeBSD 10 to 15. The structures hold 64-bit seconds, aligned to 8, on every architecture
/// except i386. amd64 has i386's layout for i386 programs (`vdso_timekeep32`).
public struct TimekeepFormat: Hashable, Sendable {
  public var machine: Machine
  public var byteOrder: ByteOrder

  public init(machine: Machine, byteOrder: ByteOrder) {
    self.machine = machine
    self.byteOrder = byteOrder
  }

  /// The format of this machine's programs.
  public static var native: TimekeepFormat {
    #if arch(x86_64)
      TimekeepFormat(machine: .x86_64, byteOrder: .native)
    #elseif arch(i386)
      TimekeepFormat(machine: .i386, byteOrder: .native)
    #elseif arch(riscv64)
      TimekeepFormat(machine: .riscv, byteOrder: .native)
    #else
      TimekeepFormat(machine: .aarch64, byteOrder: .native)
    #endif
  }

  /// The number of timehands, which the writer uses in turn. The corresponding C constant is `VDSO_TH_NUM`.
  public static var ringCount: Int { 4 }

  /// The number of bits by which a writer shifts the cycle counter down, so that 32 bits last for seconds. It is FreeBSD's default.
  public var counterShift: UInt32 { machine == .x86_64 || machine == .i386 ? 1 : 0 }

  /// The size of `struct vdso_timekeep` with its timehands, in bytes.
  public var byteCount: Int { ringOffset + Self.ringCount * stride }

  var has32BitSeconds: Bool { machine == .i386 }
  var ringOffset: Int { has32BitSeconds ? 12 : 16 }
  /// The distance from one timehands structure to the next.
  var stride: Int { has32BitSeconds ? 80 : 88 }
  var offsetTime: Int { 24 }
  var bootTime: Int { has32BitSeconds ? 36 : 40 }
  /// The offset of the machine-dependent part.
  var tail: Int { has32BitSeconds ? 48 : 56 }
}
