// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// The program headers of an ELF file of this machine's byte order.
struct ProgramHeaderTable {
  struct Entry {
    /// The offset of the program header.
    var place: Int
    var offset: Int
    var memorySize: Int
  }

  private let entries: [(type: SegmentType, entry: Entry)]

  /// There are none if `image` is too short for them.
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

/// The section headers of an ELF file of this machine's byte order in which the sections' offsets equal their addresses, as in a vDSO.
struct SectionHeaderTable {
  private static let (dynamicSymbols, executable) = (11, 4)  // SHT_DYNSYM, SHF_EXECINSTR

  /// The headers' bytes; none if `image` is too short for them.
  let headers: [[UInt8]]
  private let layout: ELFLayout
  private let limit: Int

  init(_ image: [UInt8]) {
    layout = ELFLayout(image)
    limit = image.count
    let table = image[layout.sectionsField, layout.wordSize]
    let (size, count) = (layout.sectionSize, image[layout.sectionCountField, 2])
    guard table > 0, table <= image.count - size * count else {
      headers = []
      return
    }
    headers = (0..<count).map { Array(image[table + $0 * size..<table + ($0 + 1) * size]) }
  }

  /// The range of the first section with code.
  var code: Range<Int>? { headers.first { isCode($0) }.flatMap(range) }
  /// The number of that section.
  var codeNumber: Int? { headers.firstIndex { isCode($0) } }
  /// The range of the dynamic symbols.
  var symbols: Range<Int>? { symbolHeader.flatMap(range) }
  /// The range of their names.
  var strings: Range<Int>? {
    symbolHeader.map { $0[layout.sectionLinkField, 4] }.flatMap {
      headers.indices.contains($0) ? range(headers[$0]) : nil
    }
  }

  private var symbolHeader: [UInt8]? { headers.first { $0[4, 4] == Self.dynamicSymbols } }

  private func isCode(_ header: [UInt8]) -> Bool {
    header[layout.sectionFlagsField, layout.wordSize] & Self.executable != 0
  }

  /// The range of a header's section, if that lies inside the image.
  private func range(_ header: [UInt8]) -> Range<Int>? {
    let start = header[layout.sectionAddressField, layout.wordSize]
    let size = header[layout.sectionSizeField, layout.wordSize]
    return start >= 0 && start <= limit && size >= 0 && size <= limit - start ? start..<start + size : nil
  }
}
