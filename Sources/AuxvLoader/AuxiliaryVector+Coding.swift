// SPDX-License-Identifier: Apache-2.0

import ELF

extension AuxiliaryVector {
  /// Decodes bytes up to and including the entry that ends the vector; what follows it is not looked at.
  ///
  /// The inverse of `encoded(as:)`.
  public init(decoding bytes: [UInt8], as format: Format) throws(AuxvError) {
    self.init()
    let entrySize = 2 * format.elfClass.wordSize
    var offset = 0
    while let entry = format.entry(in: bytes, at: offset) {
      guard entry.key != .null else { return }
      entries.append(entry)
      offset += entrySize
    }
    throw offset == bytes.count ? .unterminated(offset: offset) : .truncatedEntry(offset: offset)
  }

  /// The bytes of the vector, ended by `AT_NULL` with value 0.
  ///
  /// Throws `.tooWide` for a key or value beyond 32 bits in a 32-bit format.
  public func encoded(as format: Format) throws(AuxvError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity((entries.count + 1) * 2 * format.elfClass.wordSize)
    for entry in entries + [Entry(.null, 0)] {
      try format.append(entry, to: &bytes)
    }
    return bytes
  }
}

extension AuxiliaryVector.Format {
  /// The format of a vector that Linux wrote on this machine for a 32- or 64-bit process, recognized by its bytes.
  ///
  /// Keys are small. Two 32-bit words that are read as one 64-bit key give a large number, unless the first value is 0.
  public init(guessingFrom bytes: [UInt8]) {
    let wide = AuxiliaryVector.Format(.bits64, .native)
    var offset = 0
    while let entry = wide.entry(in: bytes, at: offset), entry.key != .null {
      guard entry.key.rawValue <= UInt64(UInt32.max) else {
        self.init(.bits32, .native)
        return
      }
      offset += 16
    }
    self.init(offset + 16 <= bytes.count || bytes.isEmpty ? .bits64 : .bits32, .native)
  }

  fileprivate func entry(in bytes: [UInt8], at offset: Int) -> AuxiliaryVector.Entry? {
    let size = elfClass.wordSize
    guard let key = word(in: bytes, at: offset), let value = word(in: bytes, at: offset + size) else { return nil }
    return AuxiliaryVector.Entry(AuxvKey(rawValue: key), value)
  }

  fileprivate func append(_ entry: AuxiliaryVector.Entry, to bytes: inout [UInt8]) throws(AuxvError) {
    for word in [entry.key.rawValue, entry.value] {
      if elfClass == .bits64 {
        byteOrder.append(word, to: &bytes)
      } else if let narrow = UInt32(exactly: word) {
        byteOrder.append(narrow, to: &bytes)
      } else {
        throw .tooWide(entry)
      }
    }
  }

  private func word(in bytes: [UInt8], at offset: Int) -> UInt64? {
    elfClass == .bits64
      ? byteOrder.word(UInt64.self, in: bytes, at: offset)
      : byteOrder.word(UInt32.self, in: bytes, at: offset).map(UInt64.init)
  }
}
