// SPDX-License-Identifier: Apache-2.0

import ELF

/// Consecutive bytes in a task's memory, in which each part starts at a multiple of 16.
package struct TaskData {
  package let address: UInt64
  package private(set) var bytes: [UInt8] = []

  /// Begins without a part, for about `capacity` bytes.
  package init(at address: UInt64, capacity: Int = 0) {
    self.address = address
    bytes.reserveCapacity(capacity)
  }

  /// The address of the next part.
  package var end: UInt64 { address + UInt64(bytes.count) }

  package mutating func append(_ piece: [UInt8]) -> UInt64 {
    defer {
      bytes += piece
      while bytes.count % 16 != 0 { bytes.append(0) }
    }
    return end
  }

  package mutating func append(_ word: UInt64) -> UInt64 {
    var piece: [UInt8] = []
    ByteOrder.littleEndian.append(word, to: &piece)
    return append(piece)
  }
}
