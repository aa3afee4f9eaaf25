// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux

/// The properties of a processor's cycle counter, and the instructions that read it.
public struct ProcessorFeatures: Hashable, Sendable {
  /// The processor's ways to read the counter in order with the loads before it, whether or not the counter is reliable; none if it has no
  /// counter, or no instruction that orders the reading.
  public var orderedReads: [CycleCounter]
  /// Whether the counter ticks at one rate in all power states.
  public var hasInvariantCounter: Bool
  /// Cycles per second as the processor or its hypervisor states them; nil if neither does.
  public var counterFrequency: UInt64?
  /// The hypervisor's signature; nil without one, and on architectures that don't report it.
  public var hypervisor: String?

  /// The ways in which a page may read the counter; none if the counter stops or changes its frequency.
  public var usableReads: [CycleCounter] { hasInvariantCounter ? orderedReads : [] }

  /// The features of the processor that this runs on.
  public static let ofThisProcessor: ProcessorFeatures = {
    #if arch(x86_64)
      return ProcessorFeatures(cpuid: CPUIDLeaf.ofThisProcessor)
    #elseif arch(arm64)
      return ProcessorFeatures(
        hardwareCapabilities2: AuxvKey.hardwareCapabilities2.valueInThisProcess,
        counterFrequency: linux_counter_frequency())
    #elseif arch(riscv64)
      // The architecture guarantees the invariant rate. The frequency stands only in the device tree.
      return ProcessorFeatures(orderedReads: [.rdtime], hasInvariantCounter: true)
    #else
      return ProcessorFeatures(orderedReads: [], hasInvariantCounter: false)
    #endif
  }()

  package init(
    orderedReads: [CycleCounter], hasInvariantCounter: Bool, counterFrequency: UInt64? = nil, hypervisor: String? = nil
  ) {
    self.orderedReads = orderedReads
    self.hasInvariantCounter = hasInvariantCounter
    self.counterFrequency = counterFrequency
    self.hypervisor = hypervisor
  }

  /// The features of an AArch64 processor, whose counter is invariant by the architecture.
  ///
  /// `hardwareCapabilities2` is the value of AT_HWCAP2, `counterFrequency` that of CNTFRQ_EL0. FEAT_ECV, which the kernel reports as
  /// HWCAP2_ECV, has a register that needs no barrier.
  package init(hardwareCapabilities2: UInt64, counterFrequency: UInt64) {
    let hasSelfSynchronizedRead = hardwareCapabilities2 & 1 << 19 != 0
    self.init(
      orderedReads: hasSelfSynchronizedRead ? [.cntvct, .cntvctss] : [.cntvct], hasInvariantCounter: true,
      counterFrequency: counterFrequency == 0 ? nil : counterFrequency)
  }
}
