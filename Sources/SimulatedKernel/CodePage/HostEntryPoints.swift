// SPDX-License-Identifier: Apache-2.0

/// Addresses, in the task, of functions of the host kernel's own vDSO; 0 if there is none.
///
/// The host clock mode calls them, and the page forwards calls to them that it doesn't answer itself. The corresponding C structure is
/// `vdso_host_t`.
public struct HostEntryPoints: Hashable, Sendable {
  /// The address of clock_gettime, on i386 of its time64 variant.
  public var clockGettime: UInt64
  /// The address of clock_getres.
  public var clockGetres: UInt64
  /// The address of time, which only x86 has.
  public var time: UInt64
  /// The address of getcpu, which AArch64 lacks.
  public var getcpu: UInt64
  /// The address of getrandom, which i386 lacks.
  public var getrandom: UInt64
  /// The address of `__kernel_vsyscall` on i386, and of `__vdso_riscv_hwprobe` on RISC-V.
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

  /// Those of the same image `distance` bytes further on.
  package func moved(by distance: UInt64) -> HostEntryPoints {
    func moved(_ address: UInt64) -> UInt64 { address == 0 ? 0 : address &+ distance }
    return HostEntryPoints(
      clockGettime: moved(clockGettime), clockGetres: moved(clockGetres), time: moved(time), getcpu: moved(getcpu),
      getrandom: moved(getrandom), archSpecific: moved(archSpecific))
  }

  /// The addresses in the order of the structure.
  var words: [UInt64] { [clockGettime, clockGetres, time, getcpu, getrandom, archSpecific] }
}
