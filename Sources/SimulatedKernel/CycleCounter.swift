// The cycle counter of this machine.
//
// The one unsafe thing here is `cpuid` through pointers to local variables, which live through the call.

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

  /// The ways that work on this machine; none where the counter stops, or changes its frequency, with the processor's
  /// power state.
  public static let usable: [CycleCounter] = {
    #if arch(x86_64)
      guard linux_has_invariant_counter() != 0 else { return [] }
      var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
      unsafe linux_cpuid(0x8000_0001, 0, &a, &b, &c, &d)
      let hasRDTSCP = d & 1 << 27 != 0
      return hasRDTSCP ? [.lfenceRDTSC, .rdtscp] : [.lfenceRDTSC]
    #elseif arch(arm64)
      return [.cntvct]
    #else
      return []
    #endif
  }()

  /// Reads the counter.
  @inlinable
  public func read() -> UInt64 {
    Self.readCounter(self == .rdtscp)
  }

  @usableFromInline
  static func readCounter(_ byRDTSCP: Bool) -> UInt64 {
    #if arch(x86_64)
      return byRDTSCP ? linux_counter_rdtscp() : linux_counter_lfence_rdtsc()
    #elseif arch(arm64)
      return linux_counter_cntvct()
    #else
      fatalError("this architecture has no counter that user programs can read")
    #endif
  }

  /// Returns the way of `usable` that takes the least time here and now, or nil where there is none.
  ///
  /// Takes about 100 microseconds: each is timed by the counter itself, the best of several rounds.
  public static func fastest() -> CycleCounter? { bySpeed().first }

  /// Returns the ways of `usable`, the fastest first, as `fastest` does.
  static func bySpeed() -> [CycleCounter] {
    func cycles(_ counter: CycleCounter) -> UInt64 {
      (0..<8).map { _ in
        let start = counter.read()
        for _ in 0..<64 { _ = counter.read() }
        return counter.read() &- start
      }.min()!
    }
    return usable.map { ($0, cycles($0)) }.sorted { $0.1 < $1.1 }.map { $0.0 }
  }

  /// Cycles per second where the machine states them: AArch64 does.
  public var frequency: UInt64? {
    #if arch(arm64)
      return linux_counter_frequency()
    #else
      return nil
    #endif
  }
}
