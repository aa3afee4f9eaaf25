// SPDX-License-Identifier: Apache-2.0

/// A counter that can drive clocks; Linux calls it a clock source and FreeBSD a timecounter.
public protocol Timecounter: Sendable {
  var name: String { get }
  /// The quality of the counter on Linux's scale: 1 to 99 if there is no other, 300 to 399 if it is wanted.
  var rating: Int { get }
  /// A mask of the valid bits. A page needs all 64 bits: `counter - base` must not wrap.
  var mask: UInt64 { get }
  /// Cycles per second as the machine states them; nil if it doesn't.
  var frequency: UInt64? { get }
  /// Whether the machine guarantees one rate in every power state of the processor.
  var isStable: Bool { get }
  /// The instruction by which a page reads the counter.
  var instruction: CycleCounter { get }
  /// Reads the counter, in order with the loads before it.
  func read() -> UInt64
}

extension Sequence where Element: Timecounter {
  /// The counter of the highest rating that can drive a page, the first one of equals; nil if none can.
  public func best() -> Element? {
    filter { $0.isStable && $0.mask == .max }.reduce(nil) { best, counter in
      best.map { $0.rating >= counter.rating } == true ? best : counter
    }
  }
}

extension CycleCounter: Timecounter {
  public var name: String {
    switch self {
    case .lfenceRDTSC, .rdtscp: "tsc"
    case .cntvct, .cntvctss: "arch_sys_counter"
    case .rdtime: "riscv_clocksource"
    default: "counter \(rawValue)"
    }
  }

  public var rating: Int { 300 }
  // AArch64 may count in 56 bits. The architecture guarantees that they don't wrap for more than forty years.
  public var mask: UInt64 { .max }
  public var frequency: UInt64? { ProcessorFeatures.ofThisProcessor.counterFrequency }
  public var isStable: Bool { Self.usable.contains(self) }
  public var instruction: CycleCounter { self }
}
