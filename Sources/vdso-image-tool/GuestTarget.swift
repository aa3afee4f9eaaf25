// SPDX-License-Identifier: Apache-2.0

/// An image to build: an architecture, and whether the image is the one for Linux or the one for GNU Mach.
struct GuestTarget {
  /// The name of the image, and of the constant that embeds it.
  var name: String
  /// The folder of the architecture in VDSO/Arch.
  var architecture: String
  /// The target triple. The toolchain must have an Embedded Swift standard library for it.
  var triple: String
  /// The image's DT_SONAME: Linux's own name, by which consumers recognize a vDSO.
  var soname: String { architecture == "i386" ? "linux-gate.so.1" : "linux-vdso.so.1" }
  /// The linker's emulation.
  var emulation: String
  /// Preprocessor definitions for guest code and assembly.
  var definitions: [String] = []
  /// Whether the system has Linux's system calls.
  var traps = true
  /// Arguments of the compiler's back end. i386 needs no position-independent data: its guest code reaches the pages through one call, so a
  /// GOT register would only cost time.
  var codeModel = "-fPIC"
  /// The LLVM attribute that says how a 32-bit result fills its register: RISC-V's calling convention requires sign extension.
  var resultAttribute = ""

  /// For each gap between i386's entry slots, the functions that fill it, given by the beginnings of their names.
  var gaps: [[String]] = []

  static let all = [
    GuestTarget(
      name: "i386", architecture: "i386", triple: "i686-unknown-none-elf", emulation: "elf_i386",
      codeModel: "-fno-pic", gaps: i386Gaps),
    GuestTarget(
      name: "i386Mach", architecture: "i386", triple: "i686-unknown-none-elf", emulation: "elf_i386",
      definitions: ["VDSO_FLAVOR_MACH=1"], traps: false, codeModel: "-fno-pic", gaps: i386Gaps),
    GuestTarget(
      name: "x86_64", architecture: "x86_64", triple: "x86_64-unknown-none-elf", emulation: "elf_x86_64"),
    GuestTarget(
      name: "aarch64", architecture: "aarch64", triple: "aarch64-none-none-elf", emulation: "aarch64linux"),
    GuestTarget(
      name: "riscv64", architecture: "riscv64", triple: "riscv64-none-none-eabi", emulation: "elf64lriscv",
      resultAttribute: "signext "),
  ]

  private static let i386Gaps = [
    ["vdso_getcpu", "_e4VDSO8identity"],
    ["vdso_getpid", "vdso_getppid", "vdso_getuid", "vdso_geteuid", "vdso_getgid", "vdso_getegid", "vdso_clock_getres"],
  ]
}
