// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// An ELF program file that may be odd in every part, as the values that its bytes are made from.
struct ProgramFile {
  enum Width { case bits32, bits64 }

  struct Segment {
    var type: UInt32 = 1
    var flags: UInt32
    var offset: UInt64
    var address: UInt64
    var fileSize: UInt64
    var memorySize: UInt64
    var alignment: UInt64 = 4096
  }

  static let page: UInt64 = 4096

  var width: Width
  /// ET_EXEC, ET_DYN or something else.
  var type: UInt16
  var machine: UInt16
  /// The bytes from EI_CLASS to the end of `e_ident`.
  var identification: [UInt8]
  /// `e_version`, `e_flags`, `e_ehsize` and the fields of sections, which no loader reads.
  var idleFields: UInt64 = 0
  var entry: UInt64
  var segments: [Segment] = []
  var tableOffset: UInt64
  var entrySize: UInt16
  var statedCount: UInt16?
  /// The number of pages of the file after its headers: code that reports, at `codeOffset`, and bytes that identify their page.
  var pageCount: UInt64
  var codeOffset: UInt64
  var codeAddress: UInt64 = 0
  /// Strings with offsets of their own: paths of interpreters.
  var strings: [(offset: UInt64, bytes: [UInt8])] = []
  /// The size of the file.
  var size: UInt64
  /// Whether addresses are random.
  var randomizesAddresses = false

  /// The loadable segments in the stated part of the table.
  var loads: [Segment] { table.filter { $0.type == 1 } }

  /// The index of the program header that asks for an interpreter, if any.
  var interpreterPathIndex: Int? { table.firstIndex { $0.type == 3 } }

  private var table: ArraySlice<Segment> { segments.prefix(Int(statedCount ?? UInt16(segments.count))) }

  /// The pages that its loadable segments claim, as linked; at most 32.
  var claimedPages: [UInt64] {
    var pages: Set<UInt64> = []
    for segment in loads {
      let first = segment.address / Self.page
      let (end, wraps) = segment.address.addingReportingOverflow(max(segment.memorySize, segment.fileSize))
      guard !wraps, segment.memorySize > 0 else { continue }
      for number in first..<min(end / Self.page + 1, first + 12) where number * Self.page < end {
        pages.insert(number * Self.page)
      }
    }
    return Array(pages.sorted().prefix(32))
  }

  /// The file's bytes; `code` is that of Tests/Fixtures/programs/odd-program.c.
  func bytes(code: [UInt8]) -> [UInt8] {
    var bytes = Bytes(count: Int(pageCount * Self.page), width)
    for index in stride(from: 0, to: bytes.storage.count, by: 64) {
      bytes.storage[index] = 0x80 | UInt8(truncatingIfNeeded: index / Int(Self.page))
    }
    let pages = claimedPages
    bytes.put(code, at: codeOffset)
    let parameters = codeOffset + UInt64(code.count)
    for (index, word) in ([codeAddress &+ UInt64(code.count), UInt64(pages.count)] + pages).enumerated() {
      bytes.put(word, 8, at: parameters + 8 * UInt64(index))
    }
    for string in strings { bytes.put(string.bytes, at: string.offset) }
    putHeader(&bytes)
    for (index, segment) in segments.enumerated() {
      put(segment, &bytes, at: tableOffset &+ UInt64(index) * (width == .bits64 ? 56 : 32))
    }
    return Array(bytes.storage.prefix(Int(size)))
  }

  private func putHeader(_ bytes: inout Bytes) {
    bytes.put([0x7f, 0x45, 0x4c, 0x46] + identification, at: 0)
    bytes.put(UInt64(type), 2, at: 16)
    bytes.put(UInt64(machine), 2, at: 18)
    bytes.put(idleFields, 4, at: 20)
    let isWide = width == .bits64
    bytes.put(entry, isWide ? 8 : 4, at: 24)
    bytes.put(tableOffset, isWide ? 8 : 4, at: isWide ? 32 : 28)
    bytes.put(idleFields, isWide ? 8 : 4, at: isWide ? 40 : 32)
    bytes.put(idleFields, 4, at: isWide ? 48 : 36)
    bytes.put(idleFields, 2, at: isWide ? 52 : 40)
    bytes.put(UInt64(entrySize), 2, at: isWide ? 54 : 42)
    bytes.put(UInt64(statedCount ?? UInt16(segments.count)), 2, at: isWide ? 56 : 44)
    bytes.put(idleFields, 6, at: isWide ? 58 : 46)
  }

  private func put(_ segment: Segment, _ bytes: inout Bytes, at offset: UInt64) {
    let words = [segment.offset, segment.address, idleFields, segment.fileSize, segment.memorySize]
    bytes.put(UInt64(segment.type), 4, at: offset)
    if width == .bits64 {
      bytes.put(UInt64(segment.flags), 4, at: offset &+ 4)
      for (index, word) in (words + [segment.alignment]).enumerated() {
        bytes.put(word, 8, at: offset &+ 8 &+ 8 * UInt64(index))
      }
    } else {
      for (index, word) in (words + [UInt64(segment.flags), segment.alignment]).enumerated() {
        bytes.put(word, 4, at: offset &+ 4 &+ 4 * UInt64(index))
      }
    }
  }
}

/// Bytes that are written over others. Bytes beyond the end are left out.
private struct Bytes {
  var storage: [UInt8]

  /// All bytes are `hlt`, so that lost programs end there.
  init(count: Int, _ width: ProgramFile.Width) {
    storage = [UInt8](repeating: 0xf4, count: count)
  }

  mutating func put(_ bytes: [UInt8], at offset: UInt64) {
    for (index, byte) in bytes.enumerated() {
      let (position, wraps) = offset.addingReportingOverflow(UInt64(index))
      if !wraps, position < UInt64(storage.count) { storage[Int(position)] = byte }
    }
  }

  mutating func put(_ word: UInt64, _ size: Int, at offset: UInt64) {
    put((0..<size).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }, at: offset)
  }
}
