// SPDX-License-Identifier: Apache-2.0

// A value in memory that forked processes share.
//
// Assumes: the memory is never unmapped; one process at a time changes it.

import CLinux

/// A value that a supervisor shares with its standby.
///
/// If a writer ends while it stores a value, the value before it stays.
@safe
public struct SharedRecord<Value: BitwiseCopyable> {
  /// The index of the current value, then the two values.
  private let memory: UnsafeMutableRawPointer

  /// If there is no memory to share, a standby has only a copy.
  public init(_ value: Value) {
    precondition(MemoryLayout<Value>.alignment <= Self.firstPlace)
    let size = Self.place(2)
    if let shared = unsafe linux_shared_memory(size) {
      unsafe memory = shared
    } else {
      unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.firstPlace)
      unsafe memory.storeBytes(of: 0, as: Int.self)
    }
    self.value = value
  }

  private static var firstPlace: Int { 16 }
  private static func place(_ index: Int) -> Int { firstPlace + index * MemoryLayout<Value>.stride }

  /// The value that was stored last, by this process or by another one that shares it.
  public var value: Value {
    get {
      let index = unsafe memory.load(as: Int.self)
      return unsafe memory.load(fromByteOffset: Self.place(index), as: Value.self)
    }
    nonmutating set {
      let next = unsafe 1 - memory.load(as: Int.self)
      unsafe memory.storeBytes(of: newValue, toByteOffset: Self.place(next), as: Value.self)
      unsafe memory.storeBytes(of: next, as: Int.self)
    }
  }
}
