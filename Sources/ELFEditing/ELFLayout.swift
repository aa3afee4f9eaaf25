// SPDX-License-Identifier: Apache-2.0

@_exported public import MappedELF

/// Where an ELF file of one class, little-endian, has its fields: for code that changes one which is known to be well-formed.
///
/// Places are bytes from the file's start, or from the start of an entry.
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

  /// Where `file` has its first program header of `type`.
  public func programHeader(_ type: SegmentType, in file: [UInt8]) -> Int {
    let table = file[is64Bit ? 32 : 28, wordSize]
    let places = (0..<file[is64Bit ? 56 : 44, 2]).map { table + $0 * (is64Bit ? 56 : 32) }
    return places.first { file[$0, 4] == Int(type.rawValue) }!
  }

  /// The offset that the program header at `place` gives.
  public func segmentOffset(_ place: Int, in file: [UInt8]) -> Int { file[place + (is64Bit ? 8 : 4), wordSize] }

  /// The fields of the program header at `place` for its size in the file and in memory.
  public func segmentSizeFields(_ place: Int) -> [Int] {
    is64Bit ? [place + 32, place + 40] : [place + 16, place + 20]
  }

  /// Where `file` has the value of `tag` in its dynamic table.
  public func dynamicField(_ tag: DynamicTag, in file: [UInt8]) -> Int {
    var entry = segmentOffset(programHeader(.dynamic, in: file), in: file)
    while file[entry, wordSize] != Int(tag.rawValue) { entry += 2 * wordSize }
    return entry + wordSize
  }
}

extension [UInt8] {
  /// The number of `size` bytes at `offset`, the lowest byte first. Setting it cuts off what doesn't fit.
  public subscript(offset: Int, size: Int) -> Int {
    get { self[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) } }
    set {
      for index in 0..<size {
        self[offset + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
      }
    }
  }
}
