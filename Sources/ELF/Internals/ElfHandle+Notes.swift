// SPDX-License-Identifier: Apache-2.0

// Notes, taken apart by libelf.
//
// Assumes: gelf_getnote checks a note's sizes against the chunk, and returns 0 for one that does not fit.

internal import CElf

extension ElfHandle {
  func notes(at offset: UInt64, size: UInt64, as type: Elf_Type) throws(ELFError) -> [Note] {
    guard offset <= byteCount, size <= byteCount - offset, size <= UInt64(Int32.max) else {
      throw .outsideImage(.notes, offset: offset, size: size, imageSize: byteCount)
    }
    // SAFETY: libelf owns the chunk until `elf_end`, which is after this function.
    guard let data = unsafe elf_getdata_rawchunk(elf, Int64(offset), Int(size), type) else {
      throw libelfError()
    }
    var notes: [Note] = []
    var position = 0
    while Int(size) - position >= MemoryLayout<Elf64_Nhdr>.size {
      position = unsafe try appendNote(in: data, at: position, base: offset, to: &notes)
    }
    return notes
  }

  /// Returns where the next note starts.
  @unsafe private func appendNote(
    in data: UnsafeMutablePointer<Elf_Data>, at position: Int, base: UInt64, to notes: inout [Note]
  ) throws(ELFError) -> Int {
    var header = GElf_Nhdr()
    var name = 0
    var descriptor = 0
    let next = unsafe gelf_getnote(data, position, &header, &name, &descriptor)
    guard next > position, let bytes = unsafe data.pointee.d_buf else {
      throw .badNote(offset: base + UInt64(position))
    }
    let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: data.pointee.d_size)
    let nameBytes = unsafe chunk[name..<name + Int(header.n_namesz)].prefix { $0 != 0 }
    notes.append(
      Note(
        name: unsafe String(decoding: nameBytes, as: UTF8.self), type: header.n_type,
        offset: base + UInt64(descriptor),
        descriptor: unsafe Array(chunk[descriptor..<descriptor + Int(header.n_descsz)])))
    return next
  }
}
