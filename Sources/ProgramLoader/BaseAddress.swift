// SPDX-License-Identifier: Apache-2.0

/// A region of the address space in which something is placed. The address is random unless the process has that switched off.
struct BaseAddress: Hashable, Sendable {
  var lowest: UInt64
  /// The number of pages above `lowest` among which the address is chosen.
  var randomPages: UInt64
  /// The end of the usable addresses, if not all are usable. Something that doesn't fit into the region is placed anywhere below it.
  var end: UInt64?

  /// Addresses to try in turn for `byteCount` bytes; any of them may be in use.
  func candidates(_ byteCount: UInt64, alignment: UInt64) -> [UInt64] {
    let first = Personality.current.randomizesAddresses ? UInt64.random(in: 0..<randomPages) : 0
    let preferred = (UInt64(0)..<16).map { index in
      let page = (first + index * (randomPages / 16)) % randomPages
      return (lowest + page * ProgramLoader.pageSize).roundedUp(to: alignment)
    }
    guard let end else { return preferred }
    return preferred.filter { $0 <= end && byteCount <= end - $0 } + elsewhere(byteCount, below: end, alignment)
  }

  /// Addresses from the top down, in steps of a mebibyte or more.
  private func elsewhere(_ byteCount: UInt64, below end: UInt64, _ alignment: UInt64) -> [UInt64] {
    guard byteCount < end else { return [] }
    let step = max(1 << 20, alignment)
    let highest = (end - byteCount).roundedDown(to: step)
    return stride(from: highest, to: 0, by: -Int(step)).map { $0 }
  }
}
