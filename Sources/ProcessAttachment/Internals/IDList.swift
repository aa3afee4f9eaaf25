// SPDX-License-Identifier: Apache-2.0

// Lists of threads, processes and descriptors, as C functions return them.
//
// Assumes: such a function writes no more numbers than the capacity, and returns how many there are.

/// All numbers that a function lists, in a buffer that is large enough for them.
func idList(_ list: (UnsafeMutablePointer<Int32>?, Int) -> Int) -> [Int32] {
  var capacity = 64
  while true {
    var found = 0
    let ids = unsafe [Int32](unsafeUninitializedCapacity: capacity) { buffer, initialized in
      found = unsafe list(buffer.baseAddress, capacity)
      initialized = min(found, capacity)
    }
    if found <= capacity { return ids }
    capacity = 2 * found
  }
}
