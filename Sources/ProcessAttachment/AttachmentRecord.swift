// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CVDSO
import ELF

/// What an attached process has on the page behind its code page: which functions were changed, their first bytes as they were, and
/// the code by which they can still be called, and which filters its system calls pass.
///
/// Little-endian words, of 64 bits also in 32-bit processes: the magic, which tells the width, the number of functions, then for each its
/// address, the address of the moved code, and 24 bytes; at 496 the number of filters that aren't the session's, and whether the session's
/// is there.
struct AttachmentRecord {
  struct Function: Hashable {
    /// The address of the kernel's function.
    var address: UInt64
    /// The address of its moved first instructions.
    var moved: UInt64
    let width: ELFClass
    /// Its first bytes, as many as a jump may replace.
    let original: [UInt8]
    /// The first bytes of the function that they call, if they call one; empty in 64-bit code.
    let called: [UInt8]
  }

  /// The number of bytes that a record has of a function; in a 32-bit process, the last four are the first of the function that it calls.
  static let originalSize = 24
  private static let calledSize = 4
  /// "vdsoatch", and "vdsoat32" in 32-bit processes.
  private static let (magic, magic32): (UInt64, UInt64) = (0x6863_7461_6f73_6476, 0x3233_7461_6f73_6476)
  static let byteCount = 4096
  static let filterOffset = 496
  private static let headerSize = 16
  private static let entrySize = 16 + originalSize
  /// The offset of the first function's moved code, and the distance from one function's to the next.
  private static let (codeOffset, codeSize) = (512, 64)
  private static let mostFunctions = 8

  let width: ELFClass
  var functions: [Function] = []
  /// How many filters the process had that aren't the session's.
  var otherFilters: UInt64 = 0
  var hasSessionsFilter = false

  init(_ width: ELFClass) {
    self.width = width
  }

  /// How many bytes are the function's own: at least as many as a jump may replace, which are four and one instruction.
  fileprivate static func codeCount(_ width: ELFClass) -> Int {
    width == .bits64 ? originalSize : originalSize - calledSize
  }

  /// Reads the record of a page at `page`; nil if the bytes are none. The process may have changed them.
  init?(_ bytes: [UInt8], at page: UInt64) {
    func word(_ offset: Int) -> UInt64? { ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset) }
    guard bytes.count == Self.byteCount, let magic = word(0), magic == Self.magic || magic == Self.magic32,
      let count = word(8), count <= Self.mostFunctions
    else {
      return nil
    }
    width = magic == Self.magic ? .bits64 : .bits32
    otherFilters = word(Self.filterOffset) ?? 0
    hasSessionsFilter = word(Self.filterOffset + 8) == 1
    for index in 0..<Int(count) {
      let offset = Self.headerSize + index * Self.entrySize
      guard let address = word(offset), address < 1 << 47, let moved = word(offset + 8), moved == nextPlace(page) else {
        return nil
      }
      let start = Array(bytes[offset + 16..<offset + Self.entrySize])
      functions.append(Function(address: address, moved: moved, start, width))
    }
  }

  /// The address of the next function's moved code, on a page at `page`.
  func nextPlace(_ page: UInt64) -> UInt64 { page &+ UInt64(Self.codeOffset + functions.count * Self.codeSize) }

  /// The bytes of the page, which will be mapped at `page`.
  func bytes(at page: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ word: UInt64) { ByteOrder.littleEndian.append(word, to: &bytes) }
    append(width == .bits64 ? Self.magic : Self.magic32)
    append(UInt64(functions.count))
    for function in functions {
      append(function.address)
      append(function.moved)
      bytes += function.original + function.called
    }
    bytes += [UInt8](repeating: 0xcc, count: Self.byteCount - bytes.count)
    var filters: [UInt8] = []
    ByteOrder.littleEndian.append(otherFilters, to: &filters)
    ByteOrder.littleEndian.append(UInt64(hasSessionsFilter ? 1 : 0), to: &filters)
    bytes.replaceSubrange(Self.filterOffset..<Self.filterOffset + filters.count, with: filters)
    for function in functions {
      guard let prologue = function.prologue else { continue }
      let offset = Int(function.moved - page)
      bytes.replaceSubrange(offset..<offset + prologue.moved.count, with: prologue.moved)
    }
    return bytes
  }
}

extension AttachmentRecord.Function {
  /// Reads it from a process; `code` are the function's bytes.
  init(
    _ code: [UInt8], at address: UInt64, movedTo moved: UInt64, _ width: ELFClass, _ memory: ProcessMemory
  ) {
    var called: [UInt8] = []
    if let function = Prologue.calledFunction(of: code, at: address, width) {
      called = memory.bytes(at: function, count: Prologue.positionFunctionSize)
    }
    func padded(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
      bytes.prefix(count) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
    let count = AttachmentRecord.codeCount(width)
    self.init(
      address: address, moved: moved,
      padded(code, count) + padded(called, AttachmentRecord.originalSize - count), width)
  }

  /// Splits the bytes that a record has.
  fileprivate init(address: UInt64, moved: UInt64, _ start: [UInt8], _ width: ELFClass) {
    let count = AttachmentRecord.codeCount(width)
    self.init(
      address: address, moved: moved, width: width, original: Array(start.prefix(count)),
      called: Array(start.dropFirst(count)))
  }

  /// Its first instructions, both original and moved.
  var prologue: Prologue? { try? prologue(of: original) }

  /// The same by more of the function's bytes: then also whether it jumps back to its first instructions.
  func prologue(of code: [UInt8]) throws(Prologue.Flaw) -> Prologue {
    try Prologue(of: code, at: address, movedTo: moved, width, called: called)
  }

  /// The address in the moved code for an address within the first instructions.
  func moved(_ position: UInt64) -> UInt64? {
    prologue?.starts.first { address + UInt64($0.original) == position && $0.original > 0 }.map {
      moved + UInt64($0.moved)
    }
  }

  /// The address in the function for an address in the moved code.
  func restored(_ position: UInt64) -> UInt64? {
    guard let prologue, position >= moved, position < moved + UInt64(prologue.moved.count) else { return nil }
    // The last instruction of the moved code jumps to the first one behind them.
    let start = prologue.starts.first { moved + UInt64($0.moved) == position }
    return address + UInt64(start?.original ?? prologue.length)
  }
}
