// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import TimePages

/// A processor with the given CPUID leaves; all others are zero.
private func processor(_ leaves: [UInt32: CPUIDLeaf]) -> ProcessorFeatures {
  ProcessorFeatures { leaves[$0] ?? CPUIDLeaf() }
}

private let counter: UInt32 = 1 << 4
private let sse2: UInt32 = 1 << 26
private let rdtscp = CPUIDLeaf(d: 1 << 27)
private let invariant = CPUIDLeaf(d: 1 << 8)
private let extended = CPUIDLeaf(a: 0x8000_0008)

@Suite("Processor features")
struct ProcessorFeaturesTests {
  @Test("finds no counter on a 486, and no ordered reading on a Pentium")
  func oldProcessors() {
    #expect(processor([:]).orderedReads == [])
    let pentium = processor([0: CPUIDLeaf(a: 1), 1: CPUIDLeaf(d: counter)])
    #expect(pentium.orderedReads == [] && !pentium.hasInvariantCounter)
  }

  @Test("finds lfence; rdtsc with SSE2, and rdtscp with the extended leaf")
  func orderedReads() {
    let pentium4 = processor([0: CPUIDLeaf(a: 2), 1: CPUIDLeaf(d: counter | sse2)])
    #expect(pentium4.orderedReads == [.lfenceRDTSC])
    #expect(pentium4.usableReads == [], "its counter stops in deep sleep")
    let later = processor([
      0: CPUIDLeaf(a: 2), 1: CPUIDLeaf(d: counter | sse2), 0x8000_0000: extended, 0x8000_0001: rdtscp,
      0x8000_0007: invariant,
    ])
    #expect(later.usableReads == [.lfenceRDTSC, .rdtscp])
  }

  @Test("ignores CPUID leaves above the highest: Intel answers them with those of another leaf")
  func leavesBeyond() {
    let features = processor([
      0: CPUIDLeaf(a: 2), 1: CPUIDLeaf(d: counter | sse2), 0x8000_0000: CPUIDLeaf(a: 0x8000_0000),
      0x8000_0001: rdtscp, 0x8000_0007: invariant, 0x15: CPUIDLeaf(a: 2, b: 200, c: 24_000_000),
    ])
    #expect(features.orderedReads == [.lfenceRDTSC] && !features.hasInvariantCounter)
    #expect(features.counterFrequency == nil)
  }

  @Test("takes the frequency from the crystal and ratio, else the base frequency, else the hypervisor")
  func frequency() {
    let basic: [UInt32: CPUIDLeaf] = [0: CPUIDLeaf(a: 0x16)]
    func frequency(_ more: [UInt32: CPUIDLeaf]) -> UInt64? {
      processor(basic.merging(more) { $1 }).counterFrequency
    }
    #expect(frequency([0x15: CPUIDLeaf(a: 2, b: 250, c: 24_000_000)]) == 3_000_000_000)
    #expect(frequency([0x15: CPUIDLeaf(a: 2, b: 250), 0x16: CPUIDLeaf(a: 3000)]) == 3_000_000_000)
    #expect(frequency([0x15: CPUIDLeaf(a: 2, b: 250)]) == nil)
    #expect(frequency([0x15: CPUIDLeaf(b: 250, c: 24_000_000)]) == nil)
    #expect(frequency([0x15: CPUIDLeaf(a: .max, b: .max, c: .max)]) == UInt64(UInt32.max))
    let hypervisor: [UInt32: CPUIDLeaf] = [
      1: CPUIDLeaf(c: 1 << 31),
      0x4000_0000: CPUIDLeaf(a: 0x4000_0010, b: 0x4b4d_564b, c: 0x564b_4d56, d: 0x4d),
      0x4000_0010: CPUIDLeaf(a: 2_445_404),
    ]
    #expect(frequency(hypervisor) == 2_445_404_000)
    #expect(processor(basic.merging(hypervisor) { $1 }).hypervisor == "KVMKVMKVM")
    var less = hypervisor
    less[0x4000_0000]!.a = 0x4000_0001
    #expect(frequency(less) == nil)
  }

  @Test("finds AArch64's self-synchronized counter if the kernel reports it")
  func selfSynchronized() {
    let plain = ProcessorFeatures(hardwareCapabilities2: ~(1 << 19), counterFrequency: 24_000_000)
    #expect(plain.usableReads == [.cntvct] && plain.counterFrequency == 24_000_000)
    let extended = ProcessorFeatures(hardwareCapabilities2: 1 << 19, counterFrequency: 0)
    #expect(extended.usableReads == [.cntvct, .cntvctss] && extended.counterFrequency == nil)
  }

  #if arch(x86_64)
    @Test("finds the processor features that the kernel shows in /proc/cpuinfo")
    func thisProcessor() throws {
      let text = try Command.run(["cat", "/proc/cpuinfo"]).output
      let flags = try #require(text.split(separator: "\n").first { $0.hasPrefix("flags") }).split(separator: " ")
      let features = ProcessorFeatures.ofThisProcessor
      #expect(features.orderedReads.contains(.rdtscp) == flags.contains("rdtscp"))
      #expect(features.orderedReads.contains(.lfenceRDTSC) == flags.contains("sse2"))
      #expect(features.hasInvariantCounter == flags.contains("nonstop_tsc"))
      #expect((features.hypervisor != nil) == flags.contains("hypervisor"))
    }
  #endif
}
