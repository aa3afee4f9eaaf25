// SPDX-License-Identifier: Apache-2.0

// A value in memory that forked processes share.
//
// Assumes: the memory is never unmapped; one process at a time changes it.

import Glibc

/// A value that a supervisor shares with its standby.
///
/// If a writer ends while it stores a value, the value before it stays.
@safe
public struct SharedRecord<Value: BitwiseCopyable> {
  /// The index of the current value, then the two values.
  private let memory: UnsafeMutableRawPointer
  private static var place: Int { 1024 }

  /// If there is no memory to share, a standby has only a copy.
  public init(_ value: Value) {
    precondition(MemoryLayout<Value>.size <= Self.place && MemoryLayout<Value>.alignment <= 16)
    let flags = MAP_SHARED | MAP_ANONYMOUS
    if let shared = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, flags, -1, 0), unsafe shared != MAP_FAILED {
      unsafe memory = shared
    } else {
      unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 16)
      unsafe memory.storeBytes(of: 0, as: Int.self)
    }
    self.value = value
  }

  /// The value that was stored last, by this process or by another one that shares it.
  public var value: Value {
    get {
      let index = unsafe memory.load(as: Int.self)
      return unsafe memory.load(fromByteOffset: Self.place * (index + 1), as: Value.self)
    }
    nonmutating set {
      let next = unsafe 1 - memory.load(as: Int.self)
      unsafe memory.storeBytes(of: newValue, toByteOffset: Self.place * (next + 1), as: Value.self)
      unsafe memory.storeBytes(of: next, as: Int.self)
    }
  }
}
