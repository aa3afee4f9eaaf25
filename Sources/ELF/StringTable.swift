// SPDX-License-Identifier: Apache-2.0

/// The dynamic strings. Every access is checked: offsets come from the file.
struct StringTable: Sendable {
  let bytes: [UInt8]
  /// Where the table starts in the image.
  let offset: UInt64

  /// The string at `start`, without its null.
  func string(at start: UInt32) throws(ELFError) -> String {
    let first = try index(start)
    guard let end = bytes[first...].firstIndex(of: 0) else { throw unterminated(start) }
    return String(decoding: bytes[first..<end], as: UTF8.self)
  }

  /// Whether the string at `start` is `name`.
  func equals(_ name: some Collection<UInt8>, at start: UInt32) throws(ELFError) -> Bool {
    var position = try index(start)
    for byte in name {
      guard position < bytes.count else { throw unterminated(start) }
      guard bytes[position] == byte else { return false }
      position += 1
    }
    guard position < bytes.count else { throw unterminated(start) }
    return bytes[position] == 0
  }

  private func index(_ start: UInt32) throws(ELFError) -> Int {
    guard Int(start) < bytes.count else {
      throw .indexOutOfRange(.dynamicStrings, index: UInt64(start), limit: UInt64(bytes.count))
    }
    return Int(start)
  }

  private func unterminated(_ start: UInt32) -> ELFError {
    .unterminated(.dynamicStrings, offset: offset &+ UInt64(start))
  }
}
