// SPDX-License-Identifier: Apache-2.0

import CLinux
import CVDSO

/// A way to read the cycle counter in order with the loads before it. The corresponding C constants are `VDSO_COUNTER_*`.
public struct CycleCounter: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// x86 with SSE2: `lfence` waits for the loads before it.
  public static let lfenceRDTSC = CycleCounter(rawValue: UInt32(VDSO_COUNTER_LFENCE_RDTSC))
  /// x86: `rdtscp` waits for all instructions before it.
  public static let rdtscp = CycleCounter(rawValue: UInt32(VDSO_COUNTER_RDTSCP))
  /// AArch64: `isb`, then the virtual count register.
  public static let cntvct = CycleCounter(rawValue: UInt32(VDSO_COUNTER_CNTVCT))
  /// AArch64 with FEAT_ECV: the self-synchronized virtual count register.
  public static let cntvctss = CycleCounter(rawValue: UInt32(VDSO_COUNTER_CNTVCTSS))
  /// RISC-V: `rdtime`, ordered by a fence.
  public static let rdtime = CycleCounter(rawValue: UInt32(VDSO_COUNTER_RDTIME))

  /// The ways that work on this machine; none if the counter stops or changes its frequency with the processor's power state.
  public static var usable: [CycleCounter] { ProcessorFeatures.ofThisProcessor.usableReads }

  /// Reads the counter, which must be one of `usable`.
  @inlinable
  public func read() -> UInt64 {
    Self.readCounter(rawValue)
  }

  @usableFromInline
  static func readCounter(_ way: UInt32) -> UInt64 {
    #if arch(x86_64)
      return way == rdtscp.rawValue ? linux_counter_rdtscp() : linux_counter_lfence_rdtsc()
    #elseif arch(arm64)
      return way == cntvctss.rawValue ? linux_counter_cntvctss() : linux_counter_cntvct()
    #elseif arch(riscv64)
      return linux_counter_rdtime()
    #else
      fatalError("this architecture has no counter that user programs can read")
    #endif
  }

  /// Returns the way among `usable` that takes the least time on this machine, or nil if there is none.
  ///
  /// Takes about 100 microseconds: each way is timed by the counter itself, and the best of several rounds counts.
  public static func fastest() -> CycleCounter? { bySpeed().first }

  /// Returns the ways in `usable`, the fastest first, measured as in `fastest`.
  package static func bySpeed() -> [CycleCounter] {
    func cycles(_ counter: CycleCounter) -> UInt64 {
      (0..<8).map { _ in
        let start = counter.read()
        for _ in 0..<64 { _ = counter.read() }
        return counter.read() &- start
      }.min()!
    }
    return usable.map { ($0, cycles($0)) }.sorted { $0.1 < $1.1 }.map { $0.0 }
  }
}
