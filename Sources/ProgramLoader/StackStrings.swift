// SPDX-License-Identifier: Apache-2.0

/// Strings that are stacked downwards from an address, each below the one before it.
struct StackStrings {
  /// The lowest address in use.
  private(set) var lowest: UInt64
  /// Blocks in falling order of address.
  private var blocks: [[UInt8]] = []

  init(top: UInt64) {
    lowest = top
  }

  /// All bytes, in rising order of address.
  var bytes: [UInt8] {
    blocks.reversed().flatMap { $0 }
  }

  mutating func push(raw block: [UInt8]) -> UInt64 {
    lowest &-= UInt64(block.count)
    blocks.append(block)
    return lowest
  }

  /// Adds a null at the end.
  mutating func push(_ string: [UInt8]) -> UInt64 {
    push(raw: string + [0])
  }

  /// The first string gets the lowest address. Returns the addresses in the strings' order.
  mutating func push(all strings: [[UInt8]]) -> [UInt64] {
    Array(strings.reversed().map { push($0) }.reversed())
  }
}
