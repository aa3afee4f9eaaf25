// SPDX-License-Identifier: Apache-2.0

// The one owner of libelf's `Elf *`, and of the file or memory behind its bytes.
//
// Assumes: libelf checks that a chunk lies inside the image; `Elf *` is used by one thread at a time, which holds
// because an `ELFImage` can be neither copied nor sent. A live mapping stays readable as long as its image (the caller's promise).

internal import CElf
internal import CLinux
import MappedELF

@safe struct ElfHandle: ~Copyable {
  /// The file or memory behind the bytes, released after libelf is done with it.
  private enum Backing: ~Copyable {
    case file(OwnedFile)
    case copy(OwnedBytes)
    case mapping
  }

  let elf: OpaquePointer
  private let backing: Backing
  let byteCount: UInt64

  init(file: consuming OwnedFile) throws(ELFError) {
    let byteCount = try file.byteCount()
    try Self.checkPrefix(of: file, byteCount: byteCount)
    _ = elf_version(UInt32(EV_CURRENT))
    unsafe elf = try Self.checkKind(of: elf_begin(file.descriptor, ELF_C_READ, nil))
    self.byteCount = byteCount
    backing = .file(file)
  }

  init(copying bytes: [UInt8]) throws(ELFError) {
    let copy = OwnedBytes(copying: bytes)
    unsafe elf = try Self.open(copy.pointer)
    byteCount = UInt64(bytes.count)
    backing = .copy(copy)
  }

  /// The mapping must stay readable while the handle lives.
  @unsafe init(mapping: UnsafeMutableRawBufferPointer) throws(ELFError) {
    unsafe elf = try Self.open(mapping)
    byteCount = UInt64(mapping.count)
    backing = .mapping
  }

  deinit {
    unsafe elf_end(elf)
  }

  private static func open(_ bytes: UnsafeMutableRawBufferPointer) throws(ELFError) -> OpaquePointer {
    let prefix = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes))
      .extracting(first: ELFIdentification.longestHeader)
    try ELFIdentification.check(prefix, byteCount: UInt64(bytes.count))
    _ = elf_version(UInt32(EV_CURRENT))
    return unsafe try checkKind(of: elf_memory(bytes.baseAddress, bytes.count))
  }

  private static func checkPrefix(of file: borrowing OwnedFile, byteCount: UInt64) throws(ELFError) {
    var prefix = InlineArray<64, UInt8>(repeating: 0)
    var span = prefix.mutableSpan
    // SAFETY: the buffer is the inline array's own, for the length of the call.
    let count = unsafe span.withUnsafeMutableBytes { buffer in
      unsafe linux_read_at(file.descriptor, buffer.baseAddress, buffer.count, 0)
    }
    guard count >= 0 else { throw .file(.read, errno: Errno(result: count)) }
    try unsafe ELFIdentification.check(prefix.span.bytes.extracting(first: Int(count)), byteCount: byteCount)
  }

  private static func checkKind(of elf: OpaquePointer?) throws(ELFError) -> OpaquePointer {
    guard let elf = unsafe elf else { throw libelfError() }
    guard unsafe elf_kind(elf) == ELF_K_ELF else {
      unsafe elf_end(elf)
      throw .notELF
    }
    return unsafe elf
  }
}

extension ElfHandle {
  func header() throws(ELFError) -> GElf_Ehdr {
    var header = GElf_Ehdr()
    guard unsafe gelf_getehdr(elf, &header) != nil else { throw libelfError() }
    return header
  }

  /// Calls `body` with `size` bytes from `offset`, in this machine's byte order where `type` is not `ELF_T_BYTE`.
  func withChunk<R>(
    _ part: ELFPart, at offset: UInt64, size: UInt64, as type: Elf_Type, _ body: (RawSpan) -> R
  ) throws(ELFError) -> R {
    guard offset <= byteCount, size <= byteCount - offset else {
      throw .outsideImage(part, offset: offset, size: size, imageSize: byteCount)
    }
    guard size > 0 else { return body(RawSpan()) }
    // SAFETY: libelf owns the chunk until `elf_end`; the span does not outlive the call of `body`.
    guard let data = unsafe elf_getdata_rawchunk(elf, Int64(offset), Int(size), type),
      let bytes = unsafe data.pointee.d_buf
    else { throw libelfError() }
    return unsafe body(RawSpan(_unsafeStart: bytes, byteCount: data.pointee.d_size))
  }
}

/// The error that libelf reported last.
func libelfError() -> ELFError {
  let number = elf_errno()
  return unsafe .libelf(LibelfMessage(number: number, text: elf_errmsg(number)))
}
