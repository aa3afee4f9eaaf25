// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import TestSupport
import Testing

@Suite("Auxiliary vectors of core files")
struct AuxiliaryVectorCoreTests {
  private static let aborter = "#include <unistd.h>\nint main(void) { for (;;) pause(); }"

  @Test("reads the auxiliary vector of a core file of either class and byte order", arguments: ELFVariant.all)
  func builtCore(variant: ELFVariant) throws {
    let vector = AuxiliaryVector([.init(.pageSize, 4096), .init(.vdso, 0xf7ff_e000)])
    let bytes = try vector.encoded(as: .init(variant.elfClass, variant.byteOrder))
    var builder = ELFImageBuilder(variant)
    builder.type = .core
    builder.notes = [.init("CORE", 1, [1, 2, 3, 4, 5]), .init("LINUX", 6, [9]), .init("CORE", 6, bytes)]
    #expect(try AuxiliaryVector(ofCore: ELFImage(bytes: builder.build().bytes)) == vector)
  }

  @Test("reads FreeBSD's NT_AUXV note, which begins with the size of an entry", arguments: ELFVariant.all)
  func freeBSDCore(variant: ELFVariant) throws {
    let vector = AuxiliaryVector([.init(.pageSize, 4096), .init(.freeBSDTimekeep, 0x7fff_f000)])
    let bytes = try vector.encoded(as: .init(variant.elfClass, variant.byteOrder))
    var builder = ELFImageBuilder(variant)
    builder.type = .core
    builder.notes = [.init("FreeBSD", 6, [9]), .init("FreeBSD", 16, [variant.is64 ? 16 : 8, 0, 0, 0] + bytes)]
    #expect(try AuxiliaryVector(ofCore: CoreMemory(bytes: builder.build().bytes)) == vector)
  }

  @Test("returns only the bytes that a truncated core file has")
  func truncatedCore() throws {
    let bytes = ELFImageBuilder().build().bytes
    let whole = try CoreMemory(bytes: bytes)
    #expect(whole.bytes(at: 0, count: 1 << 20) == bytes)
    #expect(whole.bytes(at: 0x10, count: 3) == Array(bytes[0x10..<0x13]))
    #expect(whole.bytes(at: UInt64(bytes.count), count: 1).isEmpty && whole.bytes(at: .max, count: 9).isEmpty)
    let cut = try CoreMemory(bytes: Array(bytes.dropLast(0x400)))
    #expect(cut.bytes(at: 0x10, count: 1 << 20).count == bytes.count - 0x410)
    #expect(cut.bytes(at: UInt64(bytes.count - 0x400), count: 1).isEmpty)
  }

  @Test("reports that an image has no auxiliary vector")
  func noNote() {
    #expect(throws: AuxvError.noNote) { try AuxiliaryVector(ofCore: ELFImage(bytes: ELFImageBuilder().build().bytes)) }
  }

  @Test("reports the damage of an image that should have an auxiliary vector")
  func damagedNotes() throws {
    var built = ELFImageBuilder().build()
    built.writer.rewrite(UInt32(0xffff_fff0), at: built.offsets.notes + 4)
    let expected = AuxvError.core(.badNote(offset: UInt64(built.offsets.notes)))
    #expect(throws: expected) { try AuxiliaryVector(ofCore: ELFImage(bytes: built.bytes)) }
  }

  @Test(
    "agrees with eu-readelf on a core file that gdb wrote",
    .enabled(if: Command.exists("gcore") && Command.exists("eu-readelf"), "needs gdb and elfutils"),
    arguments: ["-m64", "-m32"])
  func gdbCore(flag: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.compile(Self.aborter, named: "victim", with: ["gcc-12", flag])
    let process = try RunningCommand(program, [])
    let path = "\(directory.path)/core.\(process.pid)"
    let result = try Command.run(["gcore", "-o", "\(directory.path)/core", "\(process.pid)"])
    try #require(result.status == 0, "\(result.output)")
    let vector = try AuxiliaryVector(ofCore: ELFImage(path: path))
    let shown = try Command.run(["eu-readelf", "-n", path]).output
    let page = try #require(line("SYSINFO_EHDR", in: shown))
    #expect(vector[.vdso].map { String($0, radix: 16) } == page)
    let user = try #require(line("UID", in: shown))
    #expect(vector[.userID].map { String($0) } == user)
    #expect(vector.entries.count > 15)
  }

  /// Whether the kernel writes a core file named core to the program's directory.
  private static let writesCores =
    (try? Command.run(["cat", "/proc/sys/kernel/core_pattern"]).output.split(separator: "\n").first) == "core"

  @Test(
    "agrees entry by entry with eu-readelf on a core file that the kernel wrote",
    .enabled(
      if: writesCores && Command.exists("eu-readelf"), "needs elfutils, and core in /proc/sys/kernel/core_pattern"),
    arguments: ["-m64", "-m32"])
  func kernelCore(flag: String) throws {
    let directory = try TemporaryDirectory()
    let source = "#include <stdlib.h>\nint main(void) { abort(); }"
    let program = try directory.compile(source, named: "victim", with: ["gcc-12", flag])
    _ = try Command.run(["sh", "-c", "cd \(directory.path) && ulimit -c unlimited && \(program)"])
    let written = try Command.run(["find", directory.path, "-name", "core*"]).output.split(separator: "\n")
    let core = String(try #require(written.first, "the kernel wrote no core"))
    let vector = try AuxiliaryVector(ofCore: ELFImage(path: core))
    let shown = try Command.run(["eu-readelf", "-n", core]).output.split(separator: "\n")
      .drop { !$0.hasSuffix(" AUXV") }.dropFirst().prefix { $0.hasPrefix("    ") }
      .map { $0.split(separator: ":").map { $0.drop { $0 == " " } } }
    #expect(shown.last?.first == "NULL")
    #expect(shown.count == vector.entries.count + 1)
    for (entry, line) in zip(vector.entries, shown) {
      // eu-readelf prints a number for a key that it has no name for.
      let name = AuxvCatalog.linux.name(of: entry.key).dropFirst(3)
      #expect(line[0] == name || line[0] == "\(entry.key.rawValue)", "\(entry)")
      let value = line[1].split(separator: " ")[0]
      let number = value.hasPrefix("0x") ? UInt64(value.dropFirst(2), radix: 16) : UInt64(value)
      #expect(number == entry.value, "\(name)")
    }
  }

  /// The value that eu-readelf shows for an entry, without its 0x.
  private func line(_ name: String, in shown: String) -> String? {
    let line = shown.split(separator: "\n").first { $0.drop { $0 == " " }.hasPrefix(name + ":") }
    let value = line?.split(separator: ":").last?.drop { $0 == " " }
    return value.map { $0.hasPrefix("0x") ? String($0.dropFirst(2)) : String($0) }
  }
}
