// SPDX-License-Identifier: Apache-2.0

// The reader's half of the sequence count latch of vdso.h, vdso_time_page_t.

import Guest

/// Starts a read and returns the sequence, whose low bit names the copy to use.
@inline(__always)
func latchBegin() -> UInt32 {
  let sequence = guest_sequence()
  guest_read_barrier()
  return sequence
}

/// Whether everything that was read since `latchBegin` returned `sequence` belongs to one state.
@inline(__always)
func latchHolds(_ sequence: UInt32) -> Bool {
  guest_read_barrier()
  return guest_sequence() == sequence
}
