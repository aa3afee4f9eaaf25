// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Foundation
import TestSupport
import Testing

@Suite("Auxiliary vectors compared with other programs")
struct AuxiliaryVectorOracleTests {
  /// An entry as a program has printed it: the number of its key, and the value if it is a number.
  private struct Shown: Equatable {
    var key: UInt64
    var value: UInt64?

    /// Reads "NAME: VALUE", "NUMBER: VALUE" or "AT_??? (NUMBER): VALUE"; `prefix` is the part of the C names that the output leaves out.
    init?(_ line: Substring, prefix: String) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard let first = parts.first else { return nil }
      let name = first.filter { $0 != " " }
      let number = name.hasPrefix("AT_???(") ? String(name.dropFirst(7).dropLast()) : name
      guard
        let key = AuxvCatalog.linux.rows.first(where: { "\($0.name)" == prefix + name })?.key.rawValue
          ?? Self.number(number)
      else { return nil }
      self.key = key
      value = parts.dropFirst().first?.split(separator: " ").first.flatMap { Self.number(String($0)) }
      // The C library prints this value in hexadecimal without a prefix.
      if prefix.isEmpty, key == AuxvKey.hardwareCapabilities.rawValue {
        value = parts.last.flatMap { UInt64($0.filter { $0 != " " }, radix: 16) }
      }
    }

    private static func number(_ text: String) -> UInt64? {
      if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
      return UInt64(text) ?? Int64(text).map { UInt64(bitPattern: $0) }
    }
  }

  @Test("agrees value by value with LD_SHOW_AUXV of the same process", arguments: ["-m64", "-m32"])
  func dynamicLinker(flag: String) throws {
    let directory = try TemporaryDirectory()
    let source = """
      #include <stdio.h>
      #include <unistd.h>
      int main(void) { puts("end"); fflush(stdout); for (;;) pause(); }
      """
    let program = try directory.compile(source, named: "program", with: ["gcc-12", flag])
    let path = "\(directory.path)/shown"
    let process = try RunningCommand("/bin/sh", ["-c", "LD_SHOW_AUXV=1 exec \(program) > \(path)"])
    var text = ""
    for _ in 0..<2000 where !text.hasSuffix("end\n") {
      usleep(5000)
      text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    let vector = try AuxiliaryVector.ofProcess(process.pid).vector
    let lines = text.split(separator: "\n").dropLast()
    try #require(lines.count > 15 && lines.count == vector.entries.count, "\(text)")
    for (line, entry) in zip(lines, vector.entries) {
      let shown = try #require(Shown(line, prefix: ""), "\(line)")
      #expect(shown.key == entry.key.rawValue, "\(line)")
      if let string = entry.followed(in: ProcessMemory(pid: process.pid)), AuxvCatalog.linux[entry.key]?.kind == .string
      {
        #expect(line.hasSuffix(" " + String(decoding: string, as: UTF8.self)), "\(line)")
      } else if shown.value == nil, entry.key == .hardwareCapabilities {
        // The 32-bit C library prints the names of the bits.
        let names = try #require(HardwareCapabilities(machine: .i386)).names(of: entry.key, entry.value)
        #expect(line.split(separator: " ").dropFirst().map(String.init) == names)
      } else {
        #expect(shown.value == entry.value, "\(line)")
      }
    }
  }

  @Test(
    "agrees entry by entry with eu-readelf on random core files of each class and byte order", arguments: ELFVariant.all
  )
  func randomCores(variant: ELFVariant) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let machines: [Machine] =
      variant.byteOrder == .littleEndian
      ? (variant.is64 ? [.x86_64, .aarch64, .riscv] : [.i386, .arm]) : (variant.is64 ? [.s390, .ppc64] : [.mips])
    let directory = try TemporaryDirectory()
    for machine in machines {
      let entries = (0..<60).map { _ in
        AuxiliaryVector.Entry(
          AuxvKey(rawValue: .random(in: 2...100, using: &generator)),
          .random(in: 0...(variant.is64 ? .max : UInt64(UInt32.max)), using: &generator))
      }
      let bytes = try AuxiliaryVector(entries).encoded(as: .init(variant.elfClass, variant.byteOrder))
      let core = CoreBuilder(variant, machine, vector: bytes, memory: []).build()
      let path = "\(directory.path)/core"
      try Data(core).write(to: URL(filePath: path))
      #expect(try CoreFile(path: path).vector.entries == entries)
      let shown = try Command.run(["eu-readelf", "-n", path]).output.split(separator: "\n")
        .drop { !$0.hasSuffix("AUXV") }.dropFirst().prefix { !$0.hasSuffix("NULL") }
        .map { Shown($0.drop { $0 == " " }, prefix: "AT_") }
      #expect(shown.count == entries.count)
      for (line, entry) in zip(shown, entries) {
        let line = try #require(line)
        #expect(line.key == entry.key.rawValue)
        guard let value = line.value else { continue }
        #expect(value == entry.value || value == UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: entry.value))))
      }
      #expect(shown.count { $0?.value != nil } > 40)
    }
  }

  @Test("names the same hardware capabilities as eu-readelf", .enabled(if: Command.exists("gcore"), "needs gdb"))
  func capabilities() throws {
    let directory = try TemporaryDirectory()
    let process = try RunningCommand("/bin/sleep", ["1000"])
    let result = try Command.run(["gcore", "-o", "\(directory.path)/core", "\(process.pid)"])
    try #require(result.status == 0, "\(result.output)")
    let path = "\(directory.path)/core.\(process.pid)"
    let value = try #require(try CoreFile(path: path).vector[.hardwareCapabilities])
    let names = try #require(HardwareCapabilities(machine: .x86_64)).names(of: .hardwareCapabilities, value)
    let line = try Command.run(["eu-readelf", "-n", path]).output.split(separator: "\n").first {
      $0.contains("HWCAP: ")
    }
    #expect(line?.contains("<\(names.joined(separator: " "))>") == true, "\(names) but \(line ?? "nothing")")
  }

  @Test("never reads past the end of a damaged auxiliary vector", arguments: ELFVariant.all)
  func randomBytes(variant: ELFVariant) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let format = AuxiliaryVector.Format(variant.elfClass, variant.byteOrder)
    var (whole, refused) = (0, 0)
    for _ in 0..<2000 {
      // Many bytes are zero, so that some vectors end.
      let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
        UInt8.random(in: 0...3, using: &generator) == 0 ? UInt8.random(in: 0...255, using: &generator) : 0
      }
      guard let vector = try? AuxiliaryVector(decoding: bytes, as: format) else {
        refused += 1
        continue
      }
      whole += 1
      let again = try vector.encoded(as: format)
      // The value of AT_NULL has no meaning.
      let counted = again.count - variant.elfClass.wordSize
      #expect(Array(bytes.prefix(counted)) == Array(again.prefix(counted)))
    }
    #expect(whole > 50 && refused > 50)
  }
}
