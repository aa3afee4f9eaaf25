// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// Where the host's image has its unwind table: for each function, where it starts and where its rules are, in bytes from the image's
/// start. The corresponding contents are those of `.eh_frame_hdr`, which PT_GNU_EH_FRAME leads to.
public struct HostUnwindTable: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var function: Int
    var rules: Int
  }

  /// In rising order of the functions.
  let entries: [Entry]
  /// How far the image reaches, in bytes.
  let extent: Int

  /// The form that linkers give it: the address of the rules relative to the field, the count in four bytes, and pairs of four bytes each,
  /// relative to the table.
  static let form: [UInt8] = [1, 0x1b, 0x03, 0x3b]
  /// The number of bytes in front of the entries, and in each.
  static let (headerSize, entrySize) = (12, 8)

  /// Reads the table of `image`, the kernel's as it is mapped; nil where it has none in the usual form.
  public init?(_ image: [UInt8]) {
    let table = ProgramHeaderTable(image)
    guard let load = table.entry(.load), let unwind = table.entry(.unwindTable) else { return nil }
    let start = unwind.offset
    guard start >= 0, start <= image.count - Self.headerSize, image[start..<start + 4].elementsEqual(Self.form) else {
      return nil
    }
    let count = image[start + 8, 4]
    guard count > 0, count <= (image.count - start - Self.headerSize) / Self.entrySize else { return nil }
    entries = (0..<count).map { index in
      let entry = start + Self.headerSize + index * Self.entrySize
      return Entry(
        function: start + Int(Int32(truncatingIfNeeded: image[entry, 4])),
        rules: start + Int(Int32(truncatingIfNeeded: image[entry + 4, 4])))
    }
    extent = load.memorySize
  }

  /// At most `count` of the entries, those of the functions at `first` before others, in rising order.
  func entries(atMost count: Int, first functions: [Int]) -> [Entry] {
    guard entries.count > count else { return entries }
    let called = Set(functions.compactMap { function in entries.last { $0.function <= function } })
    let chosen = (entries.filter(called.contains) + entries.filter { !called.contains($0) }).prefix(Swift.max(0, count))
    return chosen.sorted { $0.function < $1.function }
  }
}

/// The program headers of an ELF file of this machine's byte order.
struct ProgramHeaderTable {
  struct Entry {
    /// Where the program header is.
    var place: Int
    var offset: Int
    var memorySize: Int
  }

  private let entries: [(type: SegmentType, entry: Entry)]

  /// None where `image` is too short for them.
  init(_ image: [UInt8]) {
    guard image.count >= 64 else {
      entries = []
      return
    }
    let layout = ELFLayout(image)
    let table = layout.is64Bit ? image[32, 8] : image[28, 4]
    let (size, count) = (layout.is64Bit ? 56 : 32, image[layout.is64Bit ? 56 : 44, 2])
    guard table >= 0, table <= image.count - size * count else {
      entries = []
      return
    }
    entries = (0..<count).map { index in
      let place = table + index * size
      return (
        SegmentType(rawValue: UInt32(image[place, 4])),
        Entry(
          place: place, offset: layout.segmentOffset(place, in: image),
          memorySize: image[layout.segmentSizeFields(place)[1], layout.wordSize])
      )
    }
  }

  /// The first of `type`.
  func entry(_ type: SegmentType) -> Entry? { entries.first { $0.type == type }?.entry }
}
