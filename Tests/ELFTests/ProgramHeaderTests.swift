// SPDX-License-Identifier: Apache-2.0

import ELF
import TestSupport
import Testing

@Suite("Program headers")
struct ProgramHeaderTests {
  @Test("reads the same program headers in every class and byte order", arguments: ELFVariant.all)
  func allVariants(variant: ELFVariant) throws {
    var builder = ELFImageBuilder(variant)
    builder.interpreter = Array("/lib/ld.so\0".utf8)
    let built = builder.build()
    let image = try ELFImage(bytes: built.bytes)
    #expect(image.header.elfClass == variant.elfClass)
    #expect(image.header.byteOrder == variant.byteOrder)
    #expect(image.header.machine == .x86_64)
    let headers = try image.programHeaders()
    #expect(headers.map(\.type) == [.load, .dynamic, .note, .interpreter])
    #expect(headers[0].memorySize == 0x1000)
    #expect(headers[0].flags == [.read, .execute])
    #expect(headers[1].fileOffset == UInt64(built.offsets.dynamic))
    #expect(try image.interpreter() == "/lib/ld.so")
  }

  @Test("reads a program header count above 65534 from section header 0", arguments: ELFVariant.all)
  func extendedCount(variant: ELFVariant) throws {
    var built = ELFImageBuilder(variant).build()
    let sectionHeader = 0xf00
    for offset in sectionHeader..<0x1000 { built.writer.rewrite(UInt8(0), at: offset) }
    built.writer.rewriteWord(UInt64(sectionHeader), at: variant.is64 ? 40 : 32)
    built.writer.rewrite(UInt16(variant.is64 ? 64 : 40), at: variant.is64 ? 58 : 46)
    built.writer.rewrite(UInt16(0xffff), at: variant.is64 ? 56 : 44)
    built.writer.rewrite(UInt32(3), at: sectionHeader + (variant.is64 ? 44 : 28))
    #expect(try ELFImage(bytes: built.bytes).programHeaders().count == 3)
  }

  @Test("rejects an extended program header count without section headers", arguments: ELFVariant.all)
  func extendedCountWithoutSections(variant: ELFVariant) throws {
    var built = ELFImageBuilder(variant).build()
    built.writer.rewrite(UInt16(0xffff), at: variant.is64 ? 56 : 44)
    #expect(throws: ELFError.missing(.sectionHeaders)) { try ELFImage(bytes: built.bytes).programHeaders() }
  }

  @Test("rejects program headers of another size", arguments: ELFVariant.all)
  func entrySize(variant: ELFVariant) throws {
    var built = ELFImageBuilder(variant).build()
    let field = variant.is64 ? 54 : 42
    built.writer.rewrite(UInt16(57), at: field)
    let expected = ELFError.wrongEntrySize(
      .programHeaders, offset: UInt64(field), found: 57, expected: variant.is64 ? 56 : 32)
    #expect(throws: expected) { try ELFImage(bytes: built.bytes).programHeaders() }
  }

  @Test(
    "rejects a program header table outside the image",
    arguments: ELFVariant.all,
    [
      0x1000,  // right behind the end
      0xff0,  // begins inside, ends outside
      0xffff_fff0,  // wraps in 32 bits
      UInt64.max - 8,  // wraps in 64 bits
    ] as [UInt64])
  func tableOutside(variant: ELFVariant, offset: UInt64) throws {
    var built = ELFImageBuilder(variant).build()
    built.writer.rewriteWord(offset, at: variant.is64 ? 32 : 28)
    let stated = variant.is64 ? offset : offset & 0xffff_ffff
    let expected = ELFError.outsideImage(
      .programHeaders, offset: stated, size: 3 * (variant.is64 ? 56 : 32), imageSize: 0x1000)
    #expect(throws: expected) { try ELFImage(bytes: built.bytes).programHeaders() }
  }

  @Test(
    "rejects an interpreter path without an end",
    arguments: [
      "/lib/ld.so",  // no null
      "\0\0",  // empty
      "\0",  // nothing but the null
    ])
  func interpreterPath(path: String) throws {
    try rejectsInterpreter(Array(path.utf8))
  }

  @Test("rejects an interpreter path that is longer than any path")
  func longInterpreterPath() throws {
    try rejectsInterpreter([UInt8](repeating: 0x2f, count: 4097))
  }

  private func rejectsInterpreter(_ path: [UInt8]) throws {
    var builder = ELFImageBuilder()
    builder.byteCount = 0x3000
    builder.interpreter = path
    let built = builder.build()
    let expected = ELFError.unterminated(.interpreter, offset: UInt64(built.offsets.interpreter))
    #expect(throws: expected) { try ELFImage(bytes: built.bytes).interpreterBytes() }
  }
}
