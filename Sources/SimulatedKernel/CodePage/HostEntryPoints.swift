// SPDX-License-Identifier: Apache-2.0

/// Addresses, in the task, of functions of the host kernel's own vDSO; 0 if there is none.
///
/// The host clock mode calls them, and the page forwards calls to them that it doesn't answer itself. The corresponding C structure is
/// `vdso_host_t`.
public struct HostEntryPoints: Hashable, Sendable {
  /// On i386 the time64 variant.
  public var clockGettime: UInt64
  public var clockGetres: UInt64
  /// On x86 alone.
  public var time: UInt64
  /// Not on AArch64.
  public var getcpu: UInt64
  /// Not on i386.
  public var getrandom: UInt64
  /// On i386 `__kernel_vsyscall`, on RISC-V `__vdso_riscv_hwprobe`.
  public var archSpecific: UInt64

  public init(
    clockGettime: UInt64 = 0, clockGetres: UInt64 = 0, time: UInt64 = 0, getcpu: UInt64 = 0, getrandom: UInt64 = 0,
    archSpecific: UInt64 = 0
  ) {
    self.clockGettime = clockGettime
    self.clockGetres = clockGetres
    self.time = time
    self.getcpu = getcpu
    self.getrandom = getrandom
    self.archSpecific = archSpecific
  }

  /// No function of the host: everything that the page can't answer traps.
  public static let none = HostEntryPoints()

  /// The addresses in the order of the structure.
  var words: [UInt64] { [clockGettime, clockGetres, time, getcpu, getrandom, archSpecific] }
}
