// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import TestSupport
import Testing

@Suite("Auxiliary vector keys")
struct AuxvKeyTests {
  @Test("defines every AT_ number that the system's C headers define")
  func headers() throws {
    let text = try Command.run(
      ["sh", "-c", "echo '#include <linux/auxvec.h>\n#include <elf.h>' | gcc-12 -E -dM - | grep '#define AT_'"]
    ).output
    var seen = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let number = UInt64(words[2]) else { continue }
      guard words[1] != "AT_VECTOR_SIZE_BASE", !words[1].hasPrefix("AT_VECTOR") else { continue }
      #expect(AuxvKey(rawValue: number).description == words[1])
      seen += 1
    }
    #expect(seen >= 40)
  }

  @Test("keeps auxiliary vector keys that have no name")
  func unknown() {
    #expect(AuxvKey(rawValue: 999).description == "AT_???(999)")
    #expect(AuxvCatalog.linux[AuxvKey(rawValue: 999)] == nil)
  }

  @Test("gives an auxiliary vector key the meaning of the system that wrote it")
  func systems() {
    let key = AuxvKey(rawValue: 25)
    #expect(AuxvCatalog.linux.name(of: key) == "AT_RANDOM")
    #expect(AuxvCatalog.freeBSD.name(of: key) == "AT_HWCAP")
    #expect(AuxvCatalog.freeBSD.name(of: .freeBSDTimekeep) == "AT_TIMEKEEP")
  }

  @Test("lists each auxiliary vector key of Linux and FreeBSD once, in ascending order")
  func order() {
    for catalog in [AuxvCatalog.linux, .freeBSD] {
      let numbers = catalog.rows.map(\.key.rawValue)
      #expect(numbers == Set(numbers).sorted())
    }
  }

  @Test("formats addresses in hexadecimal and counts in decimal")
  func forms() {
    #expect(AuxiliaryVector.Entry(.vdso, 4096).formattedValue() == "0x1000")
    #expect(AuxiliaryVector.Entry(.pageSize, 4096).formattedValue() == "4096")
    #expect(AuxiliaryVector.Entry(AuxvKey(rawValue: 999), 16).formattedValue() == "0x10")
  }
}

@Suite("Hardware capabilities")
struct HardwareCapabilitiesTests {
  @Test("names the hardware capabilities that /proc/cpuinfo names")
  func cpuinfo() throws {
    let line = try Command.run(["grep", "-m1", "^flags", "/proc/cpuinfo"]).output
    let flags = Set(line.split(whereSeparator: { " :\t\n".contains($0) }).map(String.init))
    let names = try #require(HardwareCapabilities(machine: .x86_64)).names(
      of: .hardwareCapabilities, #require(AuxiliaryVector.current()[.hardwareCapabilities]))
    // The vector holds CPUID's word unchanged; cpuinfo leaves out the bits that this kernel cleared.
    #expect(names.count > 15)
    #expect(Set(names).subtracting(flags).subtracting(["apic"]) == [])
  }

  @Test(
    "numbers hardware capability bits as the C headers do",
    arguments: [
      ("/usr/aarch64-linux-gnu/include", Machine.aarch64, "HWCAP_", AuxvKey.hardwareCapabilities),
      ("/usr/aarch64-linux-gnu/include", .aarch64, "HWCAP2_", .hardwareCapabilities2),
      ("/usr/riscv64-linux-gnu/include", .riscv, "COMPAT_HWCAP_ISA_", .hardwareCapabilities),
    ])
  func headers(include: String, machine: Machine, prefix: String, key: AuxvKey) throws {
    let tables = try #require(HardwareCapabilities(machine: machine))
    let pattern = "s/^#define \\(\(prefix)[A-Z0-9_]*\\).*/\\1/p"
    let names = try Command.run(["sed", "-n", pattern, "\(include)/asm/hwcap.h"]).output
    try #require(names.split(separator: "\n").count > 5, "needs the cross compilers' kernel headers")
    let program = names.split(separator: "\n").map { "printf(\"\($0) %llu\\n\", (unsigned long long)\($0));" }
    let directory = try TemporaryDirectory()
    let source = "#include <stdio.h>\n#include \"\(include)/asm/hwcap.h\"\nint main(void) { \(program.joined()) }"
    let shown = try Command.run([directory.compile(source, named: "bits", with: ["gcc-12"])]).output
    for line in shown.split(separator: "\n") {
      let words = line.split(separator: " ")
      let value = try #require(UInt64(words[1]))
      let name = words[0].dropFirst(prefix.count).lowercased().filter { $0 != "_" }
      #expect(tables.names(of: key, value) == [name])
    }
  }

  @Test("keeps hardware capability bits that have no name")
  func unknown() throws {
    let tables = try #require(HardwareCapabilities(machine: .x86_64))
    #expect(tables.names(of: .hardwareCapabilities, 1 << 10 | 1 << 40 | 1) == ["fpu", "bit 10", "bit 40"])
    #expect(HardwareCapabilities(machine: .mips) == nil)
  }
}
