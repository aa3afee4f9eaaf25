// SPDX-License-Identifier: Apache-2.0

import ELF

/// The string table of an image under construction, and the offset of each string.
struct StringPool {
  private(set) var bytes: [UInt8] = [0]
  private var offsets: [String: UInt32] = ["": 0]

  init(_ builder: ELFImageBuilder) {
    for string in builder.symbols.map(\.name) + builder.versions + [builder.soname ?? ""] where offsets[string] == nil {
      offsets[string] = UInt32(bytes.count)
      bytes += Array(string.utf8) + [0]
    }
  }

  subscript(_ string: String) -> UInt32 { offsets[string] ?? 0 }
}

extension ELFImageBuilder {
  func writeHeader(_ writer: inout ByteWriter) {
    writer.put(contentsOf: [0x7f, 0x45, 0x4c, 0x46, variant.elfClass.rawValue, variant.byteOrder.rawValue, 1])
    writer.put(contentsOf: [UInt8](repeating: 0, count: 9))
    writer.put(type.rawValue)
    writer.put(machine.rawValue)
    writer.put(UInt32(1))
    writer.putWord(0)  // e_entry
    writer.putWord(variant.is64 ? 64 : 52)  // e_phoff
    writer.putWord(0)  // e_shoff: stripped
    writer.put(UInt32(0))
    writer.put(UInt16(variant.is64 ? 64 : 52))
    writer.put(UInt16(variant.is64 ? 56 : 32))
    writer.put(UInt16(programHeaderCount))
    for _ in 0..<3 { writer.put(UInt16(0)) }
  }

  func writeProgramHeaders(_ writer: inout ByteWriter, _ offsets: Offsets, _ dynamicEnd: Int) {
    var headers = [ByteRange(1, 5, 0, byteCount)]
    headers.append(ByteRange(2, 4, offsets.dynamic, dynamicEnd - offsets.dynamic))
    if !notes.isEmpty { headers.append(ByteRange(4, 4, offsets.notes, offsets.notesSize)) }
    if let interpreter { headers.append(ByteRange(3, 4, offsets.interpreter, interpreter.count)) }
    var table = ByteWriter(variant)
    for header in headers {
      let address = baseAddress &+ UInt64(header.offset)
      table.put(header.type)
      if variant.is64 { table.put(header.flags) }
      table.putWord(UInt64(header.offset))
      table.putWord(address)
      table.putWord(address)
      table.putWord(UInt64(header.size))
      table.putWord(UInt64(header.size))
      if !variant.is64 { table.put(header.flags) }
      table.putWord(header.type == 1 ? 0x1000 : 4)
    }
    for (index, byte) in table.bytes.enumerated() { writer.rewrite(byte, at: offsets.programHeaders + index) }
  }

  private struct ByteRange {
    var type: UInt32
    var flags: UInt32
    var offset: Int
    var size: Int

    init(_ type: UInt32, _ flags: UInt32, _ offset: Int, _ size: Int) {
      (self.type, self.flags, self.offset, self.size) = (type, flags, offset, size)
    }
  }

  func writeTables(
    _ writer: inout ByteWriter, _ offsets: inout Offsets, _ ordered: GNUHashLayout, _ strings: StringPool
  ) {
    offsets.notes = writer.align(to: 8)
    for note in notes { writeNote(&writer, note) }
    offsets.notesSize = writer.bytes.count - offsets.notes
    offsets.interpreter = writer.align(to: 8)
    writer.put(contentsOf: interpreter ?? [])
    offsets.symbols = writer.align(to: 8)
    writeSymbols(&writer, ordered.symbols, strings)
    offsets.strings = writer.bytes.count
    offsets.stringsSize = strings.bytes.count
    writer.put(contentsOf: strings.bytes)
    offsets.hash = writer.align(to: 8)
    if hasHashTable { writeHashTable(&writer, ordered.symbols) }
    offsets.gnuHash = writer.align(to: 8)
    if hasGNUHashTable { ordered.write(&writer) }
    offsets.versionSymbols = writer.align(to: 8)
    if hasVersions { writeVersions(&writer, &offsets, ordered.symbols, strings) }
  }

  private func writeNote(_ writer: inout ByteWriter, _ note: Note) {
    writer.put(UInt32(note.name.utf8.count + 1))
    writer.put(UInt32(note.descriptor.count))
    writer.put(note.type)
    writer.put(contentsOf: Array(note.name.utf8) + [0])
    writer.align(to: 4)
    writer.put(contentsOf: note.descriptor)
    writer.align(to: 4)
  }

  private func writeSymbols(_ writer: inout ByteWriter, _ ordered: [Symbol], _ strings: StringPool) {
    writer.put(contentsOf: [UInt8](repeating: 0, count: variant.is64 ? 24 : 16))
    for symbol in ordered {
      writer.put(strings[symbol.name])
      let value = symbol.section < 0xff00 && symbol.section != 0 ? baseAddress &+ symbol.value : symbol.value
      if variant.is64 {
        writer.put(contentsOf: [symbol.info, 0])
        writer.put(symbol.section)
        writer.put(value)
        writer.put(symbol.size)
      } else {
        writer.put(UInt32(truncatingIfNeeded: value))
        writer.put(UInt32(symbol.size))
        writer.put(contentsOf: [symbol.info, 0])
        writer.put(symbol.section)
      }
    }
  }

  private func writeVersions(
    _ writer: inout ByteWriter, _ offsets: inout Offsets, _ ordered: [Symbol], _ strings: StringPool
  ) {
    writer.put(UInt16(0))
    for symbol in ordered {
      let index = symbol.version.map { UInt16($0 + 2) } ?? 1
      writer.put(index | (symbol.isHidden ? 0x8000 : 0))
    }
    offsets.versionDefinitions = writer.align(to: 8)
    let names = [soname ?? ""] + versions
    for (index, name) in names.enumerated() {
      writer.put(UInt16(1))  // vd_version
      writer.put(UInt16(index == 0 ? 1 : 0))  // VER_FLG_BASE
      writer.put(UInt16(index + 1))
      writer.put(UInt16(1))  // one name, no parents
      writer.put(ELFHash.sysv(name))
      writer.put(UInt32(20))
      writer.put(UInt32(index + 1 < names.count ? 28 : 0))
      writer.put(strings[name])
      writer.put(UInt32(0))
    }
  }

  func writeDynamic(_ writer: inout ByteWriter, _ offsets: inout Offsets, _ strings: StringPool) {
    offsets.dynamic = writer.align(to: 8)
    for (tag, value) in dynamicEntries(offsets, strings) {
      writer.putWord(UInt64(bitPattern: tag))
      offsets.dynamicValue[tag] = writer.bytes.count
      writer.putWord(value)
    }
  }

  private func dynamicEntries(_ offsets: Offsets, _ strings: StringPool) -> [(Int64, UInt64)] {
    func address(_ offset: Int) -> UInt64 { baseAddress &+ UInt64(offset) }
    var entries: [(Int64, UInt64)] = []
    if let soname { entries.append((14, UInt64(strings[soname]))) }
    if hasHashTable { entries.append((4, address(offsets.hash))) }
    if hasGNUHashTable { entries.append((0x6fff_fef5, address(offsets.gnuHash))) }
    entries += [
      (5, address(offsets.strings)), (6, address(offsets.symbols)), (10, UInt64(offsets.stringsSize)),
      (11, variant.is64 ? 24 : 16),
    ]
    if hasVersions {
      entries += [
        (0x6fff_fff0, address(offsets.versionSymbols)), (0x6fff_fffc, address(offsets.versionDefinitions)),
        (0x6fff_fffd, UInt64(versions.count + 1)),
      ]
    }
    return entries + [(0, 0)]
  }
}
