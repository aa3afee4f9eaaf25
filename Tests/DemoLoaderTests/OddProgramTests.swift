// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Runs files that no linker makes.
@Suite("Odd ELF files")
struct OddProgramTests {
  @Test("runs odd ELF files under each engine as directly, except for the rows of docs/loading.md")
  func drawn() throws {
    let compared = try Command.run([Fixtures.product("odd-programs"), ProgramTests.loader, "200", "1"])
    #expect(compared.status == 0, "\(compared.output)")
    #expect(compared.output.contains("load: equal, ran"), "\(compared.output)")
  }

  /// In this file the program header table overlaps the file header, and the file ends inside the table.
  private static let smallest: [UInt8] = [
    0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 0x20, 0, 1, 0, 0x20, 0, 1, 0, 4, 0, 0, 0,
    0xb3, 42, 0x31, 0xc0, 0x40, 0xcd, 0x80, 0, 0x34, 0, 0x20, 0, 1,
  ]

  @Test("runs an ELF program of 45 bytes", arguments: ProgramTests.engines)
  func smallest(engine: String) throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/tiny"
    try Data(Self.smallest).write(to: URL(filePath: path))
    unsafe chmod(path, 0o755)
    try #require(try Command.run([path]).status == 42)
    #expect(try Command.run([ProgramTests.loader, "--engine", engine, path]).status == 42)
  }
}

@Suite("Small limits and mounts")
struct StartLimitTests {
  @Test("starts programs under a small stack limit", arguments: [[], ["--engine", "load"], ["--engine", "exec"]])
  func smallStack(options: [String]) throws {
    for size in [24, 32, 64] {
      let script = "ulimit -s \(size); exec \"$@\""
      let started = try Command.run(["sh", "-c", script, "sh", ProgramTests.loader] + options + ["/bin/true"])
      #expect(started.status == 0, "\(size): \(started.output)")
    }
  }

  @Test(
    "gives set-user-ID files no rights on a nosuid mount, in a namespace without their owner, and as scripts",
    .enabled(if: getuid() == 0))
  func noRights() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc", "-static"], in: directory)
    for path in [program, "\(directory.path)/script"] {
      if path != program { try directory.writeScript("#!\(program)\n", named: "script") }
      #expect(
        try Command.run(["chown", "65534", path]).status == 0 && Command.run(["chmod", "755", path]).status == 0)
    }
    #expect(try Command.run(["chmod", "4755", "\(directory.path)/script"]).status == 0)
    let script = try Command.run([ProgramTests.loader, "--engine", "exec", "\(directory.path)/script"])
    #expect(script.status == 0, "\(script.output)")
    #expect(try Command.run(["chmod", "4755", program]).status == 0)
    let mounted =
      "mount --bind \(directory.path) \(directory.path) && mount -o remount,bind,nosuid \(directory.path) && exec \"$@\""
    for command in [["unshare", "--mount", "sh", "-c", mounted, "sh"], ["unshare", "--user", "--map-root-user"]] {
      let started = try Command.run(command + [ProgramTests.loader, "--engine", "exec", program])
      #expect(started.status == 0, "\(started.output)")
    }
    let given = try Command.run([ProgramTests.loader, "--engine", "exec", program])
    #expect(given.output.contains("rights of another user"), "\(given.output)")
  }
}
