// SPDX-License-Identifier: Apache-2.0

@_exported public import MappedELF

/// The offsets of the fields in a little-endian ELF file of one class, for code that changes a file known to be well-formed.
///
/// Offsets count bytes from the file's start, or from the start of an entry.
public struct ELFLayout: Sendable {
  public let is64Bit: Bool

  /// The layout of `file`, by its class.
  public init(_ file: [UInt8]) {
    is64Bit = file[4] == ELFClass.bits64.rawValue
  }

  public var wordSize: Int { is64Bit ? 8 : 4 }

  // The file's header.
  public var sectionsField: Int { is64Bit ? 40 : 32 }
  public var sectionCountField: Int { is64Bit ? 60 : 48 }
  public var sectionNamesField: Int { is64Bit ? 62 : 50 }

  // A symbol.
  public var symbolSize: Int { is64Bit ? 24 : 16 }
  public var valueField: Int { is64Bit ? 8 : 4 }
  public var symbolLengthField: Int { is64Bit ? 16 : 8 }
  public var infoField: Int { is64Bit ? 4 : 12 }
  public var symbolSectionField: Int { is64Bit ? 6 : 14 }

  // A section header.
  public var sectionSize: Int { is64Bit ? 64 : 40 }
  public var sectionFlagsField: Int { 8 }
  public var sectionAddressField: Int { is64Bit ? 16 : 12 }
  public var sectionOffsetField: Int { is64Bit ? 24 : 16 }
  public var sectionSizeField: Int { is64Bit ? 32 : 20 }
  public var sectionLinkField: Int { is64Bit ? 40 : 24 }

  /// The offset of the first program header of `type` in `file`.
  public func programHeader(_ type: SegmentType, in file: [UInt8]) -> Int {
    let table = file[is64Bit ? 32 : 28, wordSize]
    let places = (0..<file[is64Bit ? 56 : 44, 2]).map { table + $0 * (is64Bit ? 56 : 32) }
    return places.first { file[$0, 4] == Int(type.rawValue) }!
  }

  /// The file offset that the program header at `place` states.
  public func segmentOffset(_ place: Int, in file: [UInt8]) -> Int { file[place + (is64Bit ? 8 : 4), wordSize] }

  /// The offsets of the two size fields, in the file and in memory, of the program header at `place`.
  public func segmentSizeFields(_ place: Int) -> [Int] {
    is64Bit ? [place + 32, place + 40] : [place + 16, place + 20]
  }

  /// The offset of the value of `tag` in the dynamic table of `file`.
  public func dynamicField(_ tag: DynamicTag, in file: [UInt8]) -> Int {
    var entry = segmentOffset(programHeader(.dynamic, in: file), in: file)
    while file[entry, wordSize] != Int(tag.rawValue) { entry += 2 * wordSize }
    return entry + wordSize
  }
}

extension [UInt8] {
  /// The little-endian number of `size` bytes at `offset`. Setting it truncates the number to that size.
  public subscript(offset: Int, size: Int) -> Int {
    get { self[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) } }
    set {
      for index in 0..<size {
        self[offset + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
      }
    }
  }
}
