// SPDX-License-Identifier: Apache-2.0

import ELF

/// A copy of FreeBSD's shared page, from a core file, a file or another machine. The corresponding C structure is `vdso_timekeep`.
///
/// A copy that was made while a writer was at work may hold torn states: `TimekeepPage` reads a live page.
public struct Timekeep: Hashable, Sendable {
  /// The corresponding C constant for the one version is `VDSO_TK_VER_1`.
  public var version: UInt32
  public var isEnabled: Bool
  /// The index of the current state.
  public var current: UInt32
  public var timehands: [Timehands]

  /// Decodes the bytes of the structure; what follows it is not looked at. Throws `.tooShort`.
  public init(decoding bytes: [UInt8], as format: TimekeepFormat) throws(TimePageError) {
    guard bytes.count >= format.byteCount else {
      throw .tooShort(byteCount: bytes.count, needed: format.byteCount)
    }
    // All offsets are below `byteCount`.
    func word(_ offset: Int) -> UInt32 { format.byteOrder.word(UInt32.self, in: bytes, at: offset) ?? 0 }
    version = word(0)
    isEnabled = word(4) != 0
    current = word(8)
    timehands = (0..<TimekeepFormat.ringCount).map { index in
      Timehands(format) { word(format.ringOffset + index * format.stride + $0) }
    }
  }

  /// The bytes of the structure. The inverse of `init(decoding:as:)`, except for what a format has no space for.
  public func encoded(as format: TimekeepFormat) -> [UInt8] {
    var words = [UInt32](repeating: 0, count: format.byteCount / 4)
    (words[0], words[1], words[2]) = (version, isEnabled ? 1 : 0, current)
    for (index, hands) in timehands.prefix(TimekeepFormat.ringCount).enumerated() {
      let start = format.ringOffset + index * format.stride
      hands.write(format) { words[(start + $1) / 4] = $0 }
      words[start / 4 + 1] = hands.generation
    }
    var bytes: [UInt8] = []
    for word in words { format.byteOrder.append(word, to: &bytes) }
    return bytes
  }

  /// The current state. Throws if the page has another version, is switched off or damaged, or was being changed.
  public func currentTimehands() throws(TimePageError) -> Timehands {
    guard version == 1 else { throw .unknownVersion(version) }
    guard isEnabled else { throw .disabled }
    guard current < timehands.count else { throw current == .max ? .busy : .badIndex(current) }
    guard timehands[Int(current)].generation != 0 else { throw .busy }
    return timehands[Int(current)]
  }
}
