// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF

extension Timehands {
  /// The low 32 bits of the counter that the page uses, read on this machine.
  ///
  /// Throws `.needsDevice` if only a device of FreeBSD's can read the counter, and `.foreignCounter` if it is another architecture's.
  public func readCounter(_ format: TimekeepFormat = .native) throws(TimePageError) -> UInt32 {
    switch format.machine {
    case .x86_64, .i386:
      guard algorithm == .counter else {
        let isKnown = algorithm == .hpet || algorithm == .hyperV || algorithm == .paravirtual
        throw isKnown ? .needsDevice(algorithm) : .unknownAlgorithm(algorithm)
      }
    default:
      guard algorithm == .counter else { throw .unknownAlgorithm(algorithm) }
    }
    #if arch(x86_64)
      guard format.machine == .x86_64 || format.machine == .i386 else { throw .foreignCounter }
      // A shift of 64 or more, from a damaged page, gives 0.
      return UInt32(truncatingIfNeeded: linux_counter_lfence_rdtsc() >> UInt64(machineWord))
    #elseif arch(arm64)
      // On Linux only the kernel can read the physical counter.
      guard format.machine == .aarch64, machineWord == 0 else { throw .foreignCounter }
      return UInt32(truncatingIfNeeded: linux_counter_cntvct())
    #else
      throw .foreignCounter
    #endif
  }
}
