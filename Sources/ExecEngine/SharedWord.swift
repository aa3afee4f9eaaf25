// SPDX-License-Identifier: Apache-2.0

// A number in memory that forked processes share.
//
// Assumes: the memory is never unmapped, and one process at a time changes it.

import CLinux

/// A number that a supervisor shares with its standby.
@safe
public struct SharedWord: Sendable {
  private let word: UInt

  /// Starts at 0. If there is no memory to share, a standby has only a copy.
  public init() {
    if let memory = unsafe linux_shared_memory(8) {
      word = UInt(bitPattern: memory)
    } else {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
      unsafe memory.storeBytes(of: 0, as: UInt64.self)
      word = UInt(bitPattern: memory)
    }
  }

  public var value: UInt64 {
    get { unsafe pointer.pointee }
    nonmutating set { unsafe pointer.pointee = newValue }
  }

  private var pointer: UnsafeMutablePointer<UInt64> { unsafe UnsafeMutablePointer(bitPattern: word)! }
}
