// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing
import VDSOImages

extension CodePage {
  /// Adds a symbol for the function of the page that starts at `offset` or whose slot is there; `name` is without the architecture's
  /// prefix. The symbol gets an entry in the dynamic symbols and both hash tables, a slot, and an entry in the Mach header.
  ///
  /// Fails with KERN_INVALID_ARGUMENT for a number that is taken or not below VDSO_MAX_SYMBOLS, for a name that is
  /// taken, empty, too long for readers that copy it (31 bytes with prefix and null), or not a C identifier, and for an
  /// offset where no function is; with KERN_RESOURCE_SHORTAGE if the page has no space.
  public mutating func addSymbol(_ symbol: SymbolType, named name: String, at offset: Int) throws(KernReturn) {
    let slot = symbol.slotOffset(on: architecture)
    guard symbol.rawValue < UInt32(VDSO_MAX_SYMBOLS), !availableSymbols.contains(symbol), Self.isIdentifier(name),
      bytes[slot..<slot + Int(VDSO_SLOT_SIZE)].allSatisfy({ $0 == 0 })
    else { throw .invalidArgument }
    let fullName = architecture.symbolPrefix + name
    var tables = SymbolTables(takenFrom: bytes)
    guard fullName.utf8.count < 31, !tables.entries.indices.contains(where: { tables.name($0) == fullName }),
      let target = target(at: offset, in: tables)
    else { throw .invalidArgument }

    let place = tables.append(fullName, for: target)
    guard let (page, strings) = tables.placed() else { throw .resourceShortage }
    let oldStrings = bytes[tables.layout.dynamicField(.strings, in: bytes), tables.layout.wordSize]
    let jump = Jump(from: slot, to: tables.value(target), on: architecture)
    bytes = page
    bytes.replaceSubrange(slot..<slot + jump.bytes.count, with: jump.bytes)
    for present in availableSymbols {
      bytes[entryOffset(present), 4] += strings - oldStrings
    }
    setEntry(symbol, name: strings + place + architecture.symbolPrefix.utf8.count, slot: slot)
    bytes[Int(VDSO_HEADER_OFFSET) + 8, 4] += 1
  }

  /// The entry of the function that starts at `offset`, or to which the slot there jumps.
  private func target(at offset: Int, in tables: SymbolTables) -> Int? {
    let slotName = availableSymbols.first { $0.slotOffset(on: architecture) == offset }.flatMap(name(of:))
    return tables.entries.indices.dropFirst().first { index in
      tables.value(index) == offset || slotName.map { architecture.symbolPrefix + $0 == tables.name(index) } == true
    }
  }

  private static func isIdentifier(_ name: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte == 0x5f }
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
  }
}

/// An instruction that jumps to another offset of the page.
private struct Jump {
  var bytes: [UInt8]

  init(from start: Int, to end: Int, on architecture: VDSOImages.Architecture) {
    let distance = end - start
    switch architecture {
    case .i386, .x86_64:
      bytes = [0xe9, 0, 0, 0, 0]  // jmp
      bytes[1, 4] = distance - 5
    case .aarch64:
      bytes = [0, 0, 0, 0]
      bytes[0, 4] = 0x1400_0000 | (distance >> 2 & 0x3ff_ffff)  // b
    case .riscv64:
      bytes = [0, 0, 0, 0]
      let high = (distance >> 20 & 1) << 31 | (distance >> 1 & 0x3ff) << 21
      bytes[0, 4] = high | (distance >> 11 & 1) << 20 | (distance >> 12 & 0xff) << 12 | 0x6f  // jal x0
    }
  }
}
