// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF

/// The bounds of a process's code, data, break, stack, arguments and environment, as the kernel keeps them.
///
/// The corresponding C structure is `prctl_mm_map`.
struct MemoryBounds: Hashable {
  /// Code, data and break, then the stack, arguments and environment: pairs of start and end, except that the stack has only a start.
  private let words: [UInt64]

  /// Reads the text of /proc/PID/stat of a process that has just been executed; nil if the addresses are hidden.
  init?(stat: [UInt8]) {
    // The name may contain blanks and parentheses. Field 3 follows the last parenthesis.
    guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    // As text, fifty fields would take longer than the kernel takes to write them. A number that is negative is none of those read here.
    var fields: [UInt64] = []
    fields.reserveCapacity(64)
    for byte in stat[(end + 1)...] {
      if byte == UInt8(ascii: " ") {
        fields.append(0)
      } else if let last = fields.indices.last, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        fields[last] = fields[last] &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
      }
    }
    func field(_ number: Int) -> UInt64 { fields[number - 3] }
    guard fields.count >= 50, field(28) > 1 else { return nil }
    // The break is still at its start, because it was not moved.
    words =
      [field(26), field(27), field(45), field(46), field(47), field(47), field(28)] + (48...51).map(field)
  }

  /// The structure that makes /proc/PID/auxv show a vector of `count` bytes at `vector`, and leaves the executable unchanged.
  func bytes(vector: UInt64, count: Int) -> [UInt8] {
    var result: [UInt8] = []
    for word in words + [vector] { ByteOrder.littleEndian.append(word, to: &result) }
    for word in [UInt32(count), UInt32.max] { ByteOrder.littleEndian.append(word, to: &result) }
    return result
  }

  static let byteCount = 104
  // The corresponding C constants are `PR_SET_MM` and `PR_SET_MM_MAP`.
  static let option: UInt64 = 35
  static let setMap: UInt64 = 14
}
