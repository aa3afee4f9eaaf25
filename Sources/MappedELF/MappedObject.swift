// SPDX-License-Identifier: Apache-2.0

/// A shared object of this program's class and byte order, read where it is mapped, which finds a few symbols fast.
///
/// Copies and allocates nothing, takes no lock and doesn't use libelf: every function is async-signal-safe. Each read is checked against
/// the size of the mapping, which must stay readable while the value is used. `SharedObject` reads images of any class and byte order, and
/// all their properties.
public struct MappedObject: Sendable {
  public let machine: Machine
  public let type: ELFType
  /// The number to add to an address of the image to get the address in the process. It wraps for images linked in the upper half.
  public let loadBias: UInt
  let bytes: MappedBytes
  let segments: SegmentTable
  let tables: MappedTables

  /// The location of the program headers.
  struct SegmentTable {
    var offset: UInt32
    var count: UInt16

    func segment(_ index: UInt, in bytes: MappedBytes) throws(ELFError) -> NativeSegment {
      let size = UInt(MemoryLayout<NativeSegment>.size)
      // The count is below 2^16, so the product can't overflow. The sum may wrap on 32 bits, to an offset that the load checks.
      guard let segment = bytes.load(NativeSegment.self, at: UInt(offset) &+ index * size) else {
        throw .outsideImage(
          .programHeaders, offset: UInt64(offset), size: UInt64(count) * UInt64(size), imageSize: UInt64(bytes.count))
      }
      return segment
    }
  }

  init(_ bytes: MappedBytes) throws(ELFError) {
    self.bytes = bytes
    let kind = try Self.kind(of: bytes)
    guard kind.elfClass == .native, kind.byteOrder == .native else {
      throw .unsupportedIdentification(
        offset: kind.elfClass == .native ? 5 : 4,
        value: kind.elfClass == .native ? kind.byteOrder.rawValue : kind.elfClass.rawValue)
    }
    (machine, type) = (kind.machine, kind.type)
    segments = try Self.segmentTable(bytes)
    var first: NativeSegment?
    var dynamic: NativeSegment?
    for index in 0..<UInt(segments.count) {
      let segment = try segments.segment(index, in: bytes)
      if segment.type == SegmentType.load.rawValue, first == nil { first = segment }
      if segment.type == SegmentType.dynamic.rawValue, dynamic == nil { dynamic = segment }
    }
    guard let first else { throw .missing(.segment) }
    guard let dynamic else { throw .missing(.dynamicTable) }
    let base = first.virtualAddress &- first.fileOffset
    loadBias = bytes.address &- base
    tables = try MappedTables(bytes, dynamic: dynamic, base: base)
  }

  private static func segmentTable(_ bytes: MappedBytes) throws(ELFError) -> SegmentTable {
    // The fields after `e_entry`, by the size of an address.
    let word = UInt(MemoryLayout<UInt>.size)
    guard let offset = bytes.load(UInt.self, at: 24 + word), let size = bytes.load(UInt16.self, at: 30 + 3 * word),
      let count = bytes.load(UInt16.self, at: 32 + 3 * word)
    else { throw .outsideImage(.header, offset: 0, size: 64, imageSize: UInt64(bytes.count)) }
    guard Int(size) == MemoryLayout<NativeSegment>.size || count == 0 else {
      throw .wrongEntrySize(
        .programHeaders, offset: UInt64(30 + 3 * word), found: UInt64(size),
        expected: UInt64(MemoryLayout<NativeSegment>.size))
    }
    return SegmentTable(offset: UInt32(clamping: offset), count: count)
  }

  /// Whether an executable segment holds `address`, which is without load bias.
  public func isCode(_ address: UInt) -> Bool {
    for index in 0..<UInt(segments.count) {
      guard let segment = try? segments.segment(index, in: bytes) else { return false }
      if segment.type == SegmentType.load.rawValue, segment.flags & SegmentFlags.execute.rawValue != 0,
        address >= segment.virtualAddress, address - segment.virtualAddress < segment.memorySize
      {
        return true
      }
    }
    return false
  }

  /// The extent of an image's bytes from the first one, by its beginning in `bytes`; nil if the sum overflows. A segment may state a larger
  /// size.
  static func extent(_ bytes: MappedBytes) throws(ELFError) -> UInt? {
    let segments = try segmentTable(bytes)
    var base: UInt?
    var end: UInt = 0
    for index in 0..<UInt(segments.count) {
      let segment = try segments.segment(index, in: bytes)
      guard segment.type == SegmentType.load.rawValue else { continue }
      let start = base ?? segment.virtualAddress &- segment.fileOffset
      base = start
      let (last, overflow) = (segment.virtualAddress &- start).addingReportingOverflow(segment.fileSize)
      guard !overflow else { return nil }
      end = max(end, last)
    }
    return end
  }
}
