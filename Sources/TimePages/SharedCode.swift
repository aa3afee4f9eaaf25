// SPDX-License-Identifier: Apache-2.0

// Code pages in the file of a time page.
//
// Assumes that the memory is whole pages of a shared mapping, which is never unmapped while the value lives, and that one process at a
// time writes there. Readers map the file.

import CVDSO
import Synchronization

/// Space for code pages behind a session's time pages, in the same file. Programs map it privately; no mapping of theirs changes it.
///
/// Processes that were forked share it: what one has stored, the others find.
@safe
package final class SharedCode {
  /// The size of one slot, and the number of slots: one for each word size.
  package static let slotSize = 2 * Int(VDSO_PAGE_SIZE)
  package static let slotCount = 2

  private let memory: UnsafeMutableRawBufferPointer
  private let firstPage: Int

  /// Takes zeroed memory for all slots, which begins at the page of that index in the file.
  init(_ memory: UnsafeMutableRawBufferPointer, firstPage: Int) {
    unsafe self.memory = memory
    self.firstPage = firstPage
  }

  /// Stores `bytes`, which don't begin with eight zeros, unless the slot is in use. Returns the index in the file of the page at which they
  /// begin; nil if the slot has other bytes, or is too small.
  package func page(of bytes: [UInt8], slot: Int) -> Int? {
    guard bytes.count <= Self.slotSize, bytes.count >= 8, slot < Self.slotCount else { return nil }
    let start = slot * Self.slotSize
    let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + bytes.count])
    if unsafe place.load(as: UInt64.self) == 0 {
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: place[8...]).copyMemory(from: .init(rebasing: bytes[8...]))
        // The first word is stored last: without it, a process that takes over from this one stores all of them again.
        atomicMemoryFence(ordering: .releasing)
        unsafe place.storeBytes(of: bytes.loadUnaligned(as: UInt64.self), as: UInt64.self)
      }
    }
    guard unsafe place.elementsEqual(bytes) else { return nil }
    return firstPage + start / Int(VDSO_PAGE_SIZE)
  }
}
