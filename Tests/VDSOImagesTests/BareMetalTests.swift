// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedKernel
import TestSupport
import Testing
import VDSOImages

/// A kernel of a few hundred lines maps the i386 page at VDSO_USER_BASE on an emulated machine, without any Linux.
@Suite("The i386 page on bare metal")
struct BareMetalTests {
  /// Boots the kernel with the page as its module, and returns the report of its program in ring 3.
  private func boot(_ page: [UInt8]) throws -> [String] {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page"
    try Data(page).write(to: URL(filePath: file))
    let sources = ["start.S", "kernel.c"].map { Fixtures.path("bare-metal/\($0)") }
    let kernel = try Fixtures.compile(
      "bare-metal/program.c",
      with: [
        "gcc", "-m32", "-O1", "-ffreestanding", "-fno-pic", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
        "-mgeneral-regs-only", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none,--fatal-warnings",
        "-Wl,-T,\(Fixtures.path("bare-metal/link.lds"))",
      ] + sources, in: directory)
    // QEMU's exit device turns a value of 0 into exit status 1.
    let result = try Command.run([
      "timeout", "120", "qemu-system-i386", "-M", "pc,accel=tcg", "-cpu", "max", "-m", "32", "-display", "none",
      "-monitor", "none", "-no-reboot", "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
      "-kernel", kernel, "-initrd", file,
    ])
    try #require(result.status == 1, "\(result.status): \(result.output)")
    return result.output.split(separator: "\n").map(String.init)
  }

  /// The results of counters, published clocks and the identity page. The last word is about a store that must fault.
  private let withoutTraps = [
    "counter 0 1000 1000 0",
    "clock_gettime 0 42 7000 0",
    "clock_gettime64 0 42 7000 0",
    "gettimeofday 0 42 7 0",
    "time 42 42 0 0",
    "getpid 4712 0 0 0",
    "fault 14 7 -8192",
  ]

  @Test(
    "on bare metal executes int 0x80 only without an answer, reads the counter without a trap, and is read-only")
  func linux() throws {
    let page = try #require(CodePage(architecture: .i386))
    #expect(
      try boot(page.bytes) == [
        "clock_gettime 0 1234567890 987654321 1",
        "clock_gettime64 0 1234567890 987654321 1",
        "gettimeofday 0 1234567890 987654 1",
        "time 1234567890 1234567890 0 1",
        "getpid 4711 0 0 1",
      ] + withoutTraps)
  }

  @Test("never traps on bare metal in the Mach flavor: it returns ENOSYS")
  func mach() throws {
    let page = try #require(CodePage(architecture: .i386, flavor: .mach))
    #expect(
      try boot(page.bytes) == [
        "clock_gettime -38 0 0 0",
        "clock_gettime64 -38 0 0 0",
        "gettimeofday -38 0 0 0",
        "time -38 -38 0 0",
        "getpid -38 0 0 0",
      ] + withoutTraps)
  }
}
