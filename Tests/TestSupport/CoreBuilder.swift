// SPDX-License-Identifier: Apache-2.0

public import ELF

/// Builds core files of any class, byte order and machine: an auxiliary vector, and pieces of memory.
public struct CoreBuilder {
  public var variant: ELFVariant
  public var machine: Machine
  /// The encoded vector.
  public var vector: [UInt8]
  /// The memory in the core file, one segment each.
  public var memory: [(address: UInt64, bytes: [UInt8])]

  public init(_ variant: ELFVariant, _ machine: Machine, vector: [UInt8], memory: [(address: UInt64, bytes: [UInt8])]) {
    (self.variant, self.machine, self.vector, self.memory) = (variant, machine, vector, memory)
  }

  public func build() -> [UInt8] {
    var writer = ByteWriter(variant)
    let (headerSize, entrySize) = variant.is64 ? (64, 56) : (52, 32)
    writer.put(contentsOf: [0x7f, 0x45, 0x4c, 0x46, variant.elfClass.rawValue, variant.byteOrder.rawValue, 1])
    writer.put(contentsOf: [UInt8](repeating: 0, count: 9))
    writer.put(ELFType.core.rawValue)
    writer.put(machine.rawValue)
    writer.put(UInt32(1))
    for word in [0, UInt64(headerSize), 0] { writer.putWord(word) }  // e_entry, e_phoff, e_shoff
    writer.put(UInt32(0))
    for half in [headerSize, entrySize, memory.count + 1, 0, 0, 0] { writer.put(UInt16(half)) }
    let note = self.note
    var offset = writer.bytes.count + (memory.count + 1) * entrySize
    put(SegmentType.note, at: offset, address: 0, size: note.count, to: &writer)
    offset += note.count
    for piece in memory {
      put(SegmentType.load, at: offset, address: piece.address, size: piece.bytes.count, to: &writer)
      offset += piece.bytes.count
    }
    return writer.bytes + note + memory.flatMap(\.bytes)
  }

  /// NT_AUXV of the owner CORE.
  private var note: [UInt8] {
    var writer = ByteWriter(variant)
    for word in [5, vector.count, 6] { writer.put(UInt32(word)) }
    writer.put(contentsOf: Array("CORE".utf8) + [0])
    writer.align(to: 4)
    writer.put(contentsOf: vector)
    writer.align(to: 4)
    return writer.bytes
  }

  private func put(_ type: SegmentType, at offset: Int, address: UInt64, size: Int, to writer: inout ByteWriter) {
    let flags: UInt32 = 5
    writer.put(type.rawValue)
    if variant.is64 { writer.put(flags) }
    for word in [UInt64(offset), address, 0, UInt64(size), UInt64(size)] { writer.putWord(word) }
    if !variant.is64 { writer.put(flags) }
    writer.putWord(4)
  }
}
