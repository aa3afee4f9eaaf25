// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
@testable import ExecEngine
@testable import ProcessAttachment

/// The record's page in these trials.
private let page: UInt64 = 0x7fff_f7fc_1000

/// Reads any bytes as the record of an attached process, which that process may have changed: what is understood is written and read again
/// as the same record, and positions in first instructions have counterparts in the moved code.
func fuzzAttachmentRecord(_ input: [UInt8]) {
  for width in [ELFClass.bits32, .bits64] { fuzzRecord(input, width) }
}

private func fuzzRecord(_ input: [UInt8], _ width: ELFClass) {
  // The magic and the size belong to any record, so that they needn't be found.
  let bytes = AttachmentRecord(width).bytes(at: page)
  let laid = Array((bytes.prefix(8) + input).prefix(bytes.count)) + bytes.dropFirst(8 + input.count)
  guard let record = AttachmentRecord(laid, at: page) else { return }
  let written = record.bytes(at: page)
  claim(written.count == AttachmentRecord.byteCount, "a record of \(written.count) bytes")
  guard let again = AttachmentRecord(written, at: page) else {
    return claim(false, "a written record isn't understood")
  }
  claim(again.functions == record.functions && again.otherFilters == record.otherFilters, "another record")
  claim(again.hasSessionsFilter == record.hasSessionsFilter, "another filter")
  for function in record.functions {
    for start in function.prologue?.starts ?? [] where start.original > 0 {
      let position = function.address + UInt64(start.original)
      guard let moved = function.moved(position) else { return claim(false, "no moved code for \(position)") }
      claim(function.restored(moved) == position, "\(position) comes back as another position")
    }
  }
}

/// Reads any bytes as a function of a kernel's vDSO: either its first instructions are moved as a whole and fit in their place, or it is
/// refused.
func fuzzFunctionCode(_ input: [UInt8]) {
  let code = Array(input.prefix(1024))
  let called = Array(input.suffix(Prologue.positionFunctionSize))
  for (address, width) in [
    (page &- 0x2000, ELFClass.bits64), (0x1000, .bits64), (UInt64.max - 16, .bits64), (0xf7fc_1000, .bits32),
  ] {
    let place = width == .bits64 ? page : 0xf7fc_3000
    guard let prologue = try? Prologue(of: code, at: address, movedTo: place + 512, width, called: called) else {
      continue
    }
    claim(
      (Prologue.jumpSize...AttachmentRecord.originalSize).contains(prologue.length), "\(prologue.length) bytes moved")
    claim(prologue.length <= code.count, "\(prologue.length) of \(code.count) bytes moved")
    claim(prologue.moved.count <= 64, "moved code of \(prologue.moved.count) bytes overlaps the next function's")
    let (originals, moved) = (prologue.starts.map(\.original), prologue.starts.map(\.moved))
    claim(originals.first == 0 && originals == originals.sorted(), "instructions start at \(originals)")
    claim(moved.first == 0 && moved == moved.sorted(), "moved instructions start at \(moved)")
    // Whatever is not a jump is read in the same way at its new place.
    for (start, movedStart) in prologue.starts {
      guard let instruction = Instruction(code, at: start, width), instruction.kind == .anywhere else { continue }
      claim(
        Instruction(prologue.moved, at: movedStart, width)?.length == instruction.length,
        "\(start) is another instruction")
    }
  }
}

/// Reads any text as the files of /proc about a task, and any bytes as its stack.
func fuzzTaskFiles(_ input: [UInt8]) {
  let map = ProcessMap(input)
  for (count, center, width) in [
    (0x4000, page, ELFClass.bits64), (0x4000, 0x5555_5555_4000, .bits64), (1 << 30, 1 << 28, .bits64),
    (0x4000, 0xf7fc_1000, .bits32),
  ] as [(UInt64, UInt64, ELFClass)] {
    guard let place = map.gap(of: count, near: center, width) else { continue }
    let range = place..<place + count
    claim(!map.ranges.contains { $0.overlaps(range) }, "the gap \(range) is taken")
    claim(width == .bits64 || range.upperBound <= 1 << 32, "32-bit code doesn't reach \(range)")
    claim(
      max(place, center) - min(place, center) < (width == .bits64 ? 1 << 31 : 1 << 32), "a jump doesn't reach \(range)")
  }
  let status = TaskStatus(text: input)
  claim(status.filterCount.map { status.hasFilters(beyond: $0) } != true, "more filters than there are")
  claim(!status.outranks(status), "it has rights that it lacks")
  if let bounds = MemoryBounds(stat: input) {
    claim(bounds.bytes(vector: page, count: 320).count == MemoryBounds.byteCount, "a structure of another size")
  }
  for width in [ELFClass.bits32, .bits64] {
    let format = AuxiliaryVector.Format(width, .littleEndian)
    guard let (offset, vector) = InitialStackView.vector(in: input, format) else { continue }
    claim(offset < input.count && !vector.entries.contains { $0.key == .null }, "the vector's place is wrong")
  }
}
