// SPDX-License-Identifier: Apache-2.0

// Memory that a writer and readers share, in this process or between processes, word by word.
//
// Assumes: the memory is mapped and aligned to 4 for as long as a value that holds it is used; the code that makes the value guarantees
// that. Every access is an atomic access of 32 bits, so none is a data race. Consistency between words is up to the protocol that uses
// them.

import Synchronization

@safe struct SharedWords: @unchecked Sendable {
  private let start: UnsafeRawPointer
  let byteCount: Int

  @unsafe init(_ start: UnsafeRawPointer, byteCount: Int) {
    precondition(UInt(bitPattern: start) % 4 == 0, "shared words must be aligned")
    unsafe self.start = start
    self.byteCount = byteCount
  }

  func load(at offset: Int) -> UInt32 { unsafe word(offset).pointee.load(ordering: .relaxed) }

  func loadAcquiring(at offset: Int) -> UInt32 { unsafe word(offset).pointee.load(ordering: .acquiring) }

  /// Requires that the memory was given as writable.
  func store(_ value: UInt32, at offset: Int) { unsafe word(offset).pointee.store(value, ordering: .relaxed) }

  func storeReleasing(_ value: UInt32, at offset: Int) {
    unsafe word(offset).pointee.store(value, ordering: .releasing)
  }

  private func word(_ offset: Int) -> UnsafePointer<Atomic<UInt32>> {
    precondition(offset >= 0 && offset <= byteCount - 4, "outside the shared memory")
    return unsafe (start + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
  }
}
