// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELF

/// What an attached process has on the page behind its code page: which functions were changed, their first bytes as they were, and
/// the code by which they can still be called.
///
/// Little-endian words: the magic, the number of functions, then for each its address, the address of the moved code, and 24 bytes.
struct AttachmentRecord {
  struct Function: Hashable {
    /// Where the kernel's function is.
    var address: UInt64
    /// Where its first instructions are now.
    var moved: UInt64
    /// How it began, `originalSize` bytes.
    var original: [UInt8]
  }

  /// As many as a jump may take the place of: four bytes and one instruction.
  static let originalSize = 24
  /// "vdsoatch".
  private static let magic: UInt64 = 0x6863_7461_6f73_6476
  static let byteCount = 4096
  private static let headerSize = 16
  private static let entrySize = 16 + originalSize
  /// Where the moved code of a function is, and how far the next one is from it.
  private static let (codeOffset, codeSize) = (512, 64)
  private static let mostFunctions = 8

  var functions: [Function] = []

  init() {}

  /// Reads it; nil if it is none.
  init?(_ bytes: [UInt8]) {
    func word(_ offset: Int) -> UInt64? { ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset) }
    guard bytes.count == Self.byteCount, word(0) == Self.magic, let count = word(8), count <= Self.mostFunctions else {
      return nil
    }
    for index in 0..<Int(count) {
      let offset = Self.headerSize + index * Self.entrySize
      guard let address = word(offset), let moved = word(offset + 8) else { return nil }
      functions.append(
        Function(address: address, moved: moved, original: Array(bytes[offset + 16..<offset + Self.entrySize])))
    }
  }

  /// Where the moved code of the next function goes on a page at `page`.
  func nextPlace(_ page: UInt64) -> UInt64 { page + UInt64(Self.codeOffset + functions.count * Self.codeSize) }

  /// The page, to be mapped at `page`.
  func bytes(at page: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ word: UInt64) { ByteOrder.littleEndian.append(word, to: &bytes) }
    append(Self.magic)
    append(UInt64(functions.count))
    for function in functions {
      append(function.address)
      append(function.moved)
      bytes += function.original
    }
    bytes += [UInt8](repeating: 0xcc, count: Self.byteCount - bytes.count)
    for function in functions {
      guard let prologue = function.prologue else { continue }
      let offset = Int(function.moved - page)
      bytes.replaceSubrange(offset..<offset + prologue.moved.count, with: prologue.moved)
    }
    return bytes
  }
}

extension AttachmentRecord.Function {
  /// Its first instructions, and as they were moved.
  var prologue: Prologue? { try? Prologue(of: original, at: address, movedTo: moved) }

  /// Where an address within the first instructions is in the moved code.
  func moved(_ position: UInt64) -> UInt64? {
    prologue?.starts.first { address + UInt64($0.original) == position && $0.original > 0 }.map {
      moved + UInt64($0.moved)
    }
  }

  /// Where an address in the moved code was in the function.
  func restored(_ position: UInt64) -> UInt64? {
    guard let prologue, position >= moved, position < moved + UInt64(prologue.moved.count) else { return nil }
    // The last instruction jumps behind the others.
    let start = prologue.starts.first { moved + UInt64($0.moved) == position }
    return address + UInt64(start?.original ?? prologue.length)
  }
}
