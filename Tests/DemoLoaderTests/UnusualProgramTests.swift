// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A C program that is unusual for a loader, and the way to build it.
struct UnusualProgram: Sendable, CustomTestStringConvertible {
  var name: String
  var source = "programs/memory-layout.c"
  var compiler: [String]

  var testDescription: String { name }

  static let all = [
    UnusualProgram(name: "zeros that end inside a page", compiler: ["gcc"]),
    UnusualProgram(name: "zeros that end inside a page, i386", compiler: i386),
    UnusualProgram(name: "no zeros but one", compiler: ["gcc", "-DZEROS=1", "-no-pie"]),
    UnusualProgram(name: "four GiB of zeros", compiler: ["gcc", "-DZEROS=(4UL<<30)", "-mcmodel=large"]),
    UnusualProgram(name: "one GiB of zeros, i386", compiler: i386 + ["-DZEROS=(1UL<<30)"]),
    UnusualProgram(name: "segments aligned to 2 MiB", compiler: ["gcc"] + aligned),
    UnusualProgram(name: "segments aligned to 2 MiB, fixed", compiler: ["gcc", "-no-pie"] + aligned),
    UnusualProgram(name: "segments aligned to 2 MiB, i386", compiler: i386 + aligned),
    UnusualProgram(
      name: "PT_GNU_PROPERTY for control-flow enforcement",
      compiler: ["gcc", "-fcf-protection=full", "-Wl,-z,ibt,-z,shstk"]),
    UnusualProgram(name: "read-only relocations", source: relro, compiler: ["gcc"] + bound),
    UnusualProgram(name: "read-only relocations, fixed", source: relro, compiler: ["gcc", "-no-pie"] + bound),
    UnusualProgram(name: "read-only relocations, static-PIE", source: relro, compiler: ["gcc", "-static-pie"] + bound),
    UnusualProgram(name: "read-only relocations, musl", source: relro, compiler: ["musl-gcc"] + bound),
    UnusualProgram(name: "read-only relocations, i386", source: relro, compiler: i386 + bound),
    UnusualProgram(name: "no read-only relocations", compiler: ["gcc", "-Wl,-z,norelro"]),
    UnusualProgram(name: "an executable stack", compiler: ["gcc"] + executableStack),
    UnusualProgram(name: "an executable stack, static", compiler: ["gcc", "-static"] + executableStack),
    UnusualProgram(name: "an executable stack, i386", compiler: i386 + executableStack),
    UnusualProgram(name: "C++ exceptions", source: exceptions, compiler: ["g++", "-O2"]),
    UnusualProgram(name: "C++ exceptions, static-PIE", source: exceptions, compiler: ["g++", "-O2", "-static-pie"]),
    UnusualProgram(name: "C++ exceptions, static", source: exceptions, compiler: ["g++", "-O2", "-static"]),
    UnusualProgram(name: "signals", source: "programs/signal-frames.c", compiler: ["gcc", "-pthread"]),
    UnusualProgram(name: "signals, i386", source: "programs/signal-frames.c", compiler: i386 + ["-pthread"]),
    UnusualProgram(
      name: "signals, i386, static", source: "programs/signal-frames.c", compiler: i386 + ["-pthread", "-static"]),
    UnusualProgram(
      name: "no libc, i386", source: "programs/i386-entry.c", compiler: i386 + ["-O1", "-nostdlib", "-static"]),
  ]

  static let i386 = ["gcc", "-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"]
  private static let aligned = ["-Wl,-z,max-page-size=0x200000", "-Wl,-z,common-page-size=0x200000"]
  private static let executableStack = ["-DEXECUTABLE_STACK", "-Wl,-z,execstack"]
  private static let bound = ["-Wl,-z,relro", "-Wl,-z,now"]
  private static let relro = "programs/relro.c"
  private static let exceptions = "programs/exceptions.cpp"
}

@Suite("Unusual programs")
struct UnusualProgramTests {
  @Test("runs unusual programs as they run without the loader", arguments: UnusualProgram.all)
  func sameAsDirectly(program: UnusualProgram) throws {
    let directory = try TemporaryDirectory()
    let path = try Fixtures.compile(program.source, with: program.compiler, in: directory)
    try compare(path)
  }

  @Test("runs programs without section headers", arguments: ["-m64", "-m32"])
  func withoutSections(width: String) throws {
    let directory = try TemporaryDirectory()
    let path = try Fixtures.compile("programs/memory-layout.c", with: UnusualProgram.i386 + [width], in: directory)
    var bytes = try Data(contentsOf: URL(filePath: path))
    // The offsets of e_shoff, and of e_shnum and e_shstrndx.
    let (table, count) = width == "-m64" ? (0x28..<0x30, 0x3c..<0x40) : (0x20..<0x24, 0x30..<0x34)
    for range in [table, count] { bytes.resetBytes(in: range) }
    try bytes.write(to: URL(filePath: path))
    try compare(path)
  }

  @Test(
    "runs Rust programs, dynamic and static", .enabled(if: Command.exists("rustc"), "no rustc here"),
    arguments: ["-crt-static", "+crt-static"])
  func rust(linking: String) throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/threads"
    let build = try Command.run(
      ["rustc", "-C", "target-feature=\(linking)", "-o", path, Fixtures.path("corpus/threads.rs")])
    try #require(build.status == 0, "\(build.output)")
    // Rust's panics print the number of the thread.
    try compare(path) { $0.replacing(/\(\d+\)/, with: "") }
  }

  /// Compares the direct run with both engines. No claim may fail in either.
  private func compare(_ path: String, _ shown: (String) -> String = { $0 }) throws {
    let direct = try Command.run([path])
    #expect(!direct.output.isEmpty && !direct.output.contains(": no"), "\(direct.output)")
    #expect(!direct.output.contains("wrong"), "\(direct.output)")
    for engine in ProgramTests.engines {
      let started = try Command.run([ProgramTests.loader, "--engine", engine, path])
      #expect(started.status == direct.status, "\(engine): \(started.output)")
      #expect(shown(started.output) == shown(direct.output), "\(engine)")
    }
  }
}
