// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF
import Glibc
import TestSupport
import Testing

@Suite("ELF images")
struct ELFImageTests {
  @Test("keeps a machine number that has no name")
  func unknownNumber() {
    #expect(Machine(rawValue: 999).description == "machine 999")
  }

  @Test("opens this program by path and by descriptor alike")
  func pathAndDescriptor() throws {
    let byPath = try ELFImage(path: "/proc/self/exe")
    let descriptor = unsafe open("/proc/self/exe", O_RDONLY)
    defer { close(descriptor) }
    let byDescriptor = try ELFImage(fileDescriptor: descriptor)
    #expect(byPath.header == byDescriptor.header)
    #expect(try byPath.programHeaders() == byDescriptor.programHeaders())
    #expect(byPath.header.machine == .x86_64)
  }

  @Test("leaves the caller's descriptor open and its offset unchanged")
  func descriptorStays() throws {
    let descriptor = unsafe open("/proc/self/exe", O_RDONLY)
    defer { close(descriptor) }
    do { _ = try ELFImage(fileDescriptor: descriptor).programHeaders() }
    #expect(lseek(descriptor, 0, SEEK_CUR) == 0)
  }

  @Test("reads the image that the kernel mapped into this process")
  func liveMapping() throws {
    let address = unsafe try #require(UnsafeRawPointer(bitPattern: UInt(linux_getauxval(33))))
    let image = try unsafe ELFImage(mappedAt: address, byteCount: 4096)
    #expect(image.header.type == .sharedObject)
    #expect(try image.programHeaders().contains { $0.type == .dynamic })
  }

  @Test(
    "explains why an ELF file can't be used",
    arguments: [
      ("/nonexistent/file", ELFError.file(.open, errno: .noSuchFileOrDirectory)),
      ("/etc/passwd/x", .file(.open, errno: .notDirectory)),
      ("/tmp", .file(.status, errno: .isDirectory)),
      ("/dev/null", .file(.status, errno: .notSupported)),
      ("/etc/passwd", .notELF),
      ("/proc/self/stat", .notELF),  // a regular file of size 0 that has bytes
    ])
  func badFile(path: String, expected: ELFError) {
    #expect(throws: expected) { try ELFImage(path: path).programHeaders() }
  }

  @Test(
    "rejects a file that isn't an ELF image, at the wrong byte",
    arguments: [
      (0, 0x7e, ELFError.notELF),
      (3, 0x47, .notELF),
      (4, 0, .unsupportedIdentification(offset: 4, value: 0)),
      (4, 3, .unsupportedIdentification(offset: 4, value: 3)),
      (5, 9, .unsupportedIdentification(offset: 5, value: 9)),
      (6, 2, .unsupportedIdentification(offset: 6, value: 2)),
    ] as [(Int, UInt8, ELFError)])
  func identification(offset: Int, value: UInt8, expected: ELFError) {
    var bytes = ELFImageBuilder().build().bytes
    bytes[offset] = value
    #expect(throws: expected) { try ELFImage(bytes: bytes).programHeaders() }
  }

  @Test("rejects every length shorter than the ELF header", arguments: ELFVariant.all)
  func truncation(variant: ELFVariant) {
    let bytes = ELFImageBuilder(variant).build().bytes
    for count in 0..<(variant.is64 ? 64 : 52) {
      let expected: ELFError =
        count < 4
        ? .notELF
        : .outsideImage(
          .header, offset: 0, size: count < 16 ? 16 : variant.is64 ? 64 : 52, imageSize: UInt64(count))
      #expect(throws: expected) { try ELFImage(bytes: Array(bytes[..<count])).programHeaders() }
    }
  }

  @Test("rejects a range outside the ELF image")
  func range() throws {
    let image = try ELFImage(bytes: ELFImageBuilder().build().bytes)
    #expect(try image.bytes(at: 0, count: 4) == [0x7f, 0x45, 0x4c, 0x46])
    #expect(try image.bytes(at: 0x1000, count: 0) == [])
    for (offset, count) in [(0x1000, 1), (0, 0x1001), (.max, .max), (1, .max)] as [(UInt64, UInt64)] {
      let expected = ELFError.outsideImage(.bytes, offset: offset, size: count, imageSize: 0x1000)
      #expect(throws: expected) { try image.bytes(at: offset, count: count) }
    }
  }
}
