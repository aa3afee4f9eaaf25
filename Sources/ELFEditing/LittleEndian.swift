// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
  /// The number of `size` bytes at `offset`, the lowest byte first. Setting it cuts off what doesn't fit.
  public subscript(offset: Int, size: Int) -> Int {
    get { self[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) } }
    set {
      for index in 0..<size {
        self[offset + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
      }
    }
  }
}
