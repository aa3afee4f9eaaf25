// SPDX-License-Identifier: Apache-2.0

// The target of each function, in words that threads and signal handlers read and change at the same time.
//
// Assumes: an index is a function's number, which the enumeration bounds. The words lie in memory of their own: a value with dozens of
// atomics in it would be destroyed one by one at run time, which takes longer than resolving.

public import Synchronization

/// For each function its target, and the fault that the self-check has found in it.
@usableFromInline @safe struct TargetTable: ~Copyable, @unchecked Sendable {
  /// The target that stands for the kernel.
  @usableFromInline static let trap: UInt = 1

  @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt>>
  private static let functionCount = 14

  /// A table in which no function is resolved and none has a fault.
  init() {
    unsafe words = .allocate(capacity: 2 * Self.functionCount)
    for index in 0..<2 * Self.functionCount { unsafe (words + index).initialize(to: Atomic(0)) }
  }

  // Words need no deinitialization.
  deinit { unsafe words.deallocate() }

  /// 0 before the function is resolved, 1 for the trap, else the function's address.
  @inlinable @inline(__always)
  func target(_ function: VDSOFunction) -> UInt {
    unsafe words[Int(function.rawValue)].load(ordering: .acquiring)
  }

  /// Sets the target of a function in a table that no other thread has yet.
  func set(_ function: VDSOFunction, _ target: UInt) {
    unsafe words[Int(function.rawValue)].store(target, ordering: .relaxed)
  }

  /// Stores the target unless another thread was faster; returns the stored target.
  func resolve(_ function: VDSOFunction, _ target: UInt) -> UInt {
    let (stored, original) = unsafe words[Int(function.rawValue)].compareExchange(
      expected: 0, desired: target, ordering: .acquiringAndReleasing)
    return stored ? target : original
  }

  /// Makes calls of the function go to the kernel from now on, and stores the reason.
  func demote(_ function: VDSOFunction, _ mismatch: TrapReason.Mismatch) {
    unsafe words[Self.functionCount + Int(function.rawValue)].store(UInt(mismatch.rawValue), ordering: .releasing)
    unsafe words[Int(function.rawValue)].store(Self.trap, ordering: .releasing)
  }

  func verdict(_ function: VDSOFunction) -> TrapReason.Mismatch? {
    TrapReason.Mismatch(
      rawValue: UInt8(
        truncatingIfNeeded: unsafe words[Self.functionCount + Int(function.rawValue)].load(ordering: .acquiring)))
  }
}
