// SPDX-License-Identifier: Apache-2.0

// The properties of an x86 processor.
//
// Assumes nothing: `cpuid` writes to local variables, which live through the call. On Intel's processors, a leaf above the highest one
// gives the values of another leaf, so `ProcessorFeatures` asks for the highest leaf first.

import CLinux

/// The four registers that a leaf of CPUID fills.
struct CPUIDLeaf: Hashable, Sendable {
  var a: UInt32 = 0
  var b: UInt32 = 0
  var c: UInt32 = 0
  var d: UInt32 = 0

  #if arch(x86_64)
    /// The leaf of this processor.
    static func ofThisProcessor(_ leaf: UInt32) -> CPUIDLeaf {
      var result = CPUIDLeaf()
      unsafe linux_cpuid(leaf, 0, &result.a, &result.b, &result.c, &result.d)
      return result
    }
  #endif
}

extension ProcessorFeatures {
  /// Reads the leaves that describe the counter: 1, 0x15, 0x16, 0x80000001, 0x80000007 and, under a hypervisor, 0x40000010.
  ///
  /// The leaves are those of Intel's and AMD's manuals. The hypervisor's leaf is VMware's, which KVM supports too.
  init(cpuid: (UInt32) -> CPUIDLeaf) {
    let highest = cpuid(0).a
    let highestExtended = cpuid(0x8000_0000).a
    func leaf(_ number: UInt32) -> CPUIDLeaf { number <= highest ? cpuid(number) : CPUIDLeaf() }
    func extendedLeaf(_ number: UInt32) -> CPUIDLeaf { number <= highestExtended ? cpuid(number) : CPUIDLeaf() }

    let basic = leaf(1)
    let hasCounter = basic.d & 1 << 4 != 0
    let hasLoadFence = basic.d & 1 << 26 != 0  // with SSE2
    let hasRDTSCP = extendedLeaf(0x8000_0001).d & 1 << 27 != 0
    hasInvariantCounter = hasCounter && extendedLeaf(0x8000_0007).d & 1 << 8 != 0
    orderedReads =
      hasCounter ? (hasLoadFence ? [.lfenceRDTSC] : []) + (hasRDTSCP ? [.rdtscp] : []) : []

    let isVirtual = basic.c & 1 << 31 != 0
    let signature = isVirtual ? cpuid(0x4000_0000) : CPUIDLeaf()
    hypervisor = isVirtual ? Self.text([signature.b, signature.c, signature.d]) : nil
    let virtualKilohertz = isVirtual && signature.a >= 0x4000_0010 ? cpuid(0x4000_0010).a : 0
    counterFrequency =
      Self.frequency(crystal: leaf(0x15), baseMegahertz: leaf(0x16).a & 0xffff)
      ?? (virtualKilohertz == 0 ? nil : UInt64(virtualKilohertz) * 1000)
  }

  /// The counter's frequency, from its ratio to a crystal. If the crystal's frequency isn't stated, it is the processor's base frequency,
  /// which equals the counter's to a megahertz.
  private static func frequency(crystal: CPUIDLeaf, baseMegahertz: UInt32) -> UInt64? {
    guard crystal.a != 0, crystal.b != 0 else { return nil }
    if crystal.c != 0 { return UInt64(crystal.c) * UInt64(crystal.b) / UInt64(crystal.a) }
    return baseMegahertz == 0 ? nil : UInt64(baseMegahertz) * 1_000_000
  }

  private static func text(_ words: [UInt32]) -> String {
    let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
