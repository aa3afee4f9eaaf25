// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension TemporaryDirectory {
  /// Writes an executable file.
  func writeScript(_ text: String, named name: String, mode: Int = 0o755) throws {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(path)/\(name)")
  }
}

@Suite("Programs that can't be started")
struct BadInputTests {
  /// Runs `program` under the loader and expects one line that names `words`, and `status`.
  private func refuse(_ program: String, engine: String, status: Int32, _ words: String...) throws {
    let result = try Command.run([ProgramTests.loader, "--engine", engine, program])
    #expect(result.status == status, "\(result.output)")
    #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
    for word in words {
      #expect(result.output.contains(word), "\(result.output)")
    }
  }

  @Test("reports a missing path, command or interpreter", arguments: ProgramTests.engines)
  func missing(engine: String) throws {
    let directory = try TemporaryDirectory()
    try directory.writeScript("#!/nonexistent/interpreter\n", named: "script")
    let program = try Fixtures.compile(
      "programs/page-check.c", with: ["gcc", "-Wl,--dynamic-linker=/nonexistent/ld.so"], in: directory)
    try refuse("./nonexistent", engine: engine, status: 127, "./nonexistent", "no such file")
    try refuse("nonexistent-command", engine: engine, status: 127, "nonexistent-command", "not found")
    try refuse("\(directory.path)/script", engine: engine, status: 127, "/nonexistent/interpreter", "script")
    try refuse(program, engine: engine, status: 127, "/nonexistent/ld.so", program)
  }

  @Test(
    "reports a directory, an empty file, binary data, a file that isn't executable, and a device",
    arguments: ProgramTests.engines)
  func wrongFiles(engine: String) throws {
    let directory = try TemporaryDirectory()
    try directory.writeScript("", named: "empty")
    try directory.writeScript("\u{1}hello\n", named: "data")
    try directory.writeScript("#!/bin/sh\n", named: "plain", mode: 0o644)
    try refuse(directory.path, engine: engine, status: 126, "directory")
    try refuse("\(directory.path)/empty", engine: engine, status: 126, "empty")
    try refuse("\(directory.path)/data", engine: engine, status: 126, "ELF", "#!")
    try refuse("\(directory.path)/plain", engine: engine, status: 126, "permission denied")
    try refuse("/dev/null", engine: engine, status: 126, "regular file")
  }

  @Test("reports the machine that a program is for", arguments: ProgramTests.engines)
  func wrongMachine(engine: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile(
      "programs/page-check.c", with: Toolchain.clang(for: "aarch64") + ["-static"], in: directory)
    try refuse(program, engine: engine, status: 126, "aarch64", "x86_64")
  }

  /// Changes to the first PT_LOAD and to the header of a program: offset, new bytes, and a word of the message.
  static let flaws: [(name: String, offset: Int, bytes: [UInt8])] = [
    ("a program header table outside the file", 32, [0xff, 0xff, 0xff, 0x7f]),
    ("entries of an odd size", 54, [57]),
    ("a segment larger in the file than in memory", 0, []),
    ("a segment that wraps round", 1, []),
    ("more memory than there is", 2, []),
    ("an address that no page of the file fits", 3, []),
  ]

  @Test("refuses damaged program headers before anything is mapped", arguments: flaws.indices)
  func damagedHeaders(index: Int) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc", "-static"], in: directory)
    var bytes = try Data(contentsOf: URL(filePath: program))
    let load = try #require((0..<16).map { 64 + 56 * $0 }.first { bytes[$0] == 1 && bytes[$0 + 1] == 0 })
    let flaw = Self.flaws[index]
    let change: (offset: Int, bytes: [UInt8]) =
      switch flaw.offset {
      case 0: (load + 40, [1, 0, 0, 0, 0, 0, 0, 0])
      case 1: (load + 40, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
      case 2: (load + 40, [0, 0, 0, 0, 0, 0x70, 0, 0])
      case 3: (load + 16, [3])
      default: (flaw.offset, flaw.bytes)
      }
    bytes.replaceSubrange(change.offset..<change.offset + change.bytes.count, with: change.bytes)
    try bytes.write(to: URL(filePath: program))
    try refuse(program, engine: "load", status: 126, program)
  }

  @Test(
    "refuses a program that is truncated in its headers, and runs one that is truncated after them as execve does")
  func truncated() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc", "-static"], in: directory)
    let bytes = try Data(contentsOf: URL(filePath: program))
    for length in [1, 4, 16, 63, 64, 100] {
      try bytes.prefix(length).write(to: URL(filePath: program))
      try refuse(program, engine: "load", status: 126, program)
    }
    for length in [1000, 4096, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(filePath: program))
      let direct = try Command.run(["sh", "-c", "\(program) 2>&1; echo $?"])
      let loaded = try Command.run([
        "sh", "-c", "\(ProgramTests.loader) --engine load --vdso kernel \(program) 2>&1; echo $?",
      ])
      #expect(
        direct.output == loaded.output || loaded.output.contains("past the file's end"), "\(length): \(loaded.output)")
    }
  }
}
