// SPDX-License-Identifier: Apache-2.0

import TestSupport

extension ProgramFile {
  /// A program that runs, with segments in any order and state, before oddities are added.
  static func draw(_ code: [UInt8], using generator: inout SeededGenerator) -> ProgramFile {
    let width: Width = Bool.random(using: &generator) ? .bits64 : .bits32
    let isFixed = Bool.random(using: &generator)
    let pageCount = UInt64.random(in: 1...6, using: &generator)
    let room = UInt64(code.count + 8 * 34)
    let codeOffset = UInt64.random(in: 0x400...pageCount * page - room, using: &generator) / 16 * 16
    var file = ProgramFile(
      width: width, type: isFixed ? 2 : 3, machine: width == .bits64 ? 62 : 3,
      identification: [width == .bits64 ? 2 : 1, 1, 1] + [UInt8](repeating: 0, count: 9), entry: 0,
      tableOffset: width == .bits64 ? 64 : 52, entrySize: width == .bits64 ? 56 : 32, pageCount: pageCount,
      codeOffset: codeOffset, size: pageCount * page)
    let base = bases(width, isFixed).randomElement(using: &generator) ?? 0
    file.addCode(at: base, room, using: &generator)
    for _ in 0..<Int.random(in: 0...4, using: &generator) { file.addSegment(at: base, using: &generator) }
    if Bool.random(using: &generator) {
      file.segments.sort { $0.address < $1.address }
    } else {
      file.segments.shuffle(using: &generator)
    }
    if Int.random(in: 0..<10, using: &generator) < 6 {
      let flags: UInt32 = Int.random(in: 0..<5, using: &generator) == 0 ? 7 : 6
      file.segments.append(Segment(type: 0x6474_e551, flags: flags, offset: 0, address: 0, fileSize: 0, memorySize: 0))
    }
    file.randomizesAddresses = Bool.random(using: &generator)
    return file
  }

  /// Addresses for which programs are linked: usual ones, the lowest, and those of a loader.
  private static func bases(_ width: Width, _ isFixed: Bool) -> [UInt64] {
    guard isFixed else { return [0, 0, 0, 0x1000, 0x10000, 0x40_0000] }
    return width == .bits64
      ? [0x40_0000, 0x40_0000, 0x1_0000, 0x1000, 0, 0x5555_5555_4000, 0x7fff_f7f0_0000, 0x1_0000_0000]
      : [0x804_8000, 0x804_8000, 0x1_0000, 0x1000, 0, 0x1000_0000, 0x4000_0000, 0xf700_0000]
  }

  private mutating func addCode(at base: UInt64, _ room: UInt64, using generator: inout SeededGenerator) {
    let firstPage = codeOffset / Self.page * Self.page
    let offset =
      Bool.random(using: &generator) ? firstPage : UInt64.random(in: firstPage...codeOffset, using: &generator)
    let end = [codeOffset + room, pageCount * Self.page, pageCount * Self.page + 0x1800].randomElement(
      using: &generator)
    let fileSize = (end ?? 0) - offset
    let address = base + UInt64.random(in: 0..<3, using: &generator) * Self.page + offset % Self.page
    let flags: UInt32 = [5, 5, 5, 5, 7, 1, 4, 6].randomElement(using: &generator) ?? 5
    segments.append(
      Segment(
        flags: flags, offset: offset, address: address, fileSize: fileSize,
        memorySize: fileSize + Self.zeros(using: &generator)))
    codeAddress = address + (codeOffset - offset)
    entry = codeAddress
  }

  private mutating func addSegment(at base: UInt64, using generator: inout SeededGenerator) {
    let taken = segments[0].address / Self.page..<(segments[0].address + segments[0].memorySize) / Self.page + 1
    for _ in 0..<4 {
      let offset = UInt64.random(in: 0..<pageCount * Self.page, using: &generator)
      let address = base + UInt64.random(in: 0..<16, using: &generator) * Self.page + offset % Self.page
      let fileSize =
        [0, UInt64.random(in: 0..<0x3000, using: &generator), pageCount * Self.page - offset].randomElement(
          using: &generator)
        ?? 0
      let segment = Segment(
        flags: UInt32.random(in: 0...7, using: &generator), offset: offset, address: address, fileSize: fileSize,
        memorySize: fileSize + Self.zeros(using: &generator))
      let pages = address / Self.page..<(address + segment.memorySize) / Self.page + 1
      guard pages.overlaps(taken), Int.random(in: 0..<10, using: &generator) > 0 else {
        return segments.append(segment)
      }
    }
  }

  private static func zeros(using generator: inout SeededGenerator) -> UInt64 {
    [0, 0, UInt64.random(in: 1..<0x100, using: &generator), UInt64.random(in: 0..<0x4000, using: &generator)]
      .randomElement(using: &generator) ?? 0
  }
}
