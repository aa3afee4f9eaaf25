// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Choice of engine")
struct EngineTests {
  private static let loader = ProgramTests.loader

  @Test("chooses exec if programs can be traced and load under another tracer, and reports the engine")
  func automatic() throws {
    let direct = try Command.run([Self.loader, "--verbose", "true"])
    #expect(direct.output.contains("engine exec"), "\(direct.output)")
    let traced = ["strace", "-f", "-o", "/dev/null", Self.loader]
    let loaded = try Command.run(traced + ["--verbose", "true"])
    #expect(loaded.status == 0 && loaded.output.contains("engine load"), "\(loaded.output)")
    let refused = try Command.run(traced + ["--engine", "exec", "true"])
    #expect(refused.status == 125 && refused.output.contains("cannot trace programs"), "\(refused.output)")
    #expect(refused.output.split(separator: "\n").count == 1)
  }

  @Test(
    "executes a script without #! by /bin/sh, as env does, and no binary data",
    arguments: [["--engine", "load"], ["--engine", "exec"], ["--time", "+1d"], ["--vdso", "kernel"]])
  func scriptForShell(options: [String]) throws {
    let directory = try TemporaryDirectory()
    try directory.writeScript("echo \"$0\" \"$@\"; cat /proc/$$/comm; exit 3\n", named: "plain")
    try directory.writeScript("# \u{0} binary\n", named: "binary")
    let command = ["\(directory.path)/plain", "a b", "c"]
    let direct = try Command.run(["env"] + command)
    let result = try Command.run([Self.loader] + options + command)
    #expect(direct.status == 3)
    #expect(result.status == 3 && result.output == direct.output, "\(result.output)")
    let found = try Command.run(
      ["env", "PATH=\(directory.path):/usr/bin:/bin", Self.loader] + options + ["plain", "a b", "c"])
    #expect(found.status == 3 && found.output == direct.output, "\(found.output)")
    let refused = try Command.run([Self.loader] + options + ["\(directory.path)/binary"])
    #expect(refused.status == 126 && refused.output.contains("neither an ELF image nor a script"), "\(refused.output)")
  }

  @Test("gives 32-bit programs the i386 page with engine exec", arguments: [ProgramKind.i386, .i386Static])
  func i386(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: kind.compiler, in: directory)
    for source in ["host", "tsc"] {
      let result = try Command.run([Self.loader, "--engine", "exec", "--clock-source", source, program, source])
      #expect(result.status == 0, "\(source): \(result.output)")
    }
    #expect(try Command.run([program]).status == 1)
  }

  @Test(
    "leaves nothing of our pages in a program that can't get them all", arguments: ["/bin/cat", "/bin/busybox cat"])
  func undone(command: String) throws {
    // An image that isn't ours gets a file of its own. With one more descriptor the start succeeds. The first ones fail: time and identity
    // page are mapped by then, the code page isn't.
    let directory = try TemporaryDirectory()
    let image = try OtherImage.write(in: directory)
    for limit in 3...5 {
      let result = try Command.run([
        Self.loader, "--verbose", "--engine", "exec", "--vdso", image, "--follow", "sh", "-c",
        "ulimit -n \(limit); exec \(command) /proc/self/maps",
      ])
      let lines = result.output.split(separator: "\n")
      guard result.status == 0, lines.contains(where: { $0.hasSuffix("[vdso]") }) else { continue }
      let isOurs = lines.contains { $0.contains("memfd:vdso-code") }
      #expect(lines.contains { $0.contains("memfd:vdso-time") } == isOurs, "\(limit): \(result.output)")
      #expect(isOurs || lines.contains { $0.contains("place the pages in the program") }, "\(limit): \(result.output)")
    }
  }

  @Test("shows our page in /proc and leaves the process unchanged with engine exec")
  func procfs() throws {
    let directory = try TemporaryDirectory()
    try directory.writeScript(
      """
      #!/bin/sh
      auxv=$(od -An -v -t x8 -w16 /proc/$$/auxv | awk '$1 == "0000000000000021" { print $2 }')
      grep -c "r--s.*vdso-time" /proc/$$/maps
      grep -c "^$(printf %x $((0x$auxv)))-" /proc/$$/maps
      readlink /proc/$$/exe; cat /proc/$$/comm; grep -E "^(TracerPid|SigIgn)" /proc/$$/status
      ls /proc/$$/fd

      """, named: "show")
    // Both run from one shell, so that they inherit the same state. dash changes the signal mask between its children, so the mask isn't
    // compared here but in StartStateTests.
    for options in ["", "--follow"] {
      let script = "\(directory.path)/show; echo; \(Self.loader) --engine exec \(options) \(directory.path)/show"
      let states = try Command.run(["sh", "-c", script]).output.components(separatedBy: "\n\n")
      let (direct, executed) = (states[0].split(separator: "\n"), states[1].split(separator: "\n"))
      #expect(executed.prefix(2) == ["1", "1"], "\(states)")
      #expect(executed.dropFirst(2) == direct.dropFirst(2), "\(states)")
    }
  }

  @Test("runs engine exec without privileges, for child programs too", .enabled(if: getuid() == 0))
  func unprivileged() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc"], in: directory)
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let result = try Command.run(
      nobody + [Self.loader, "--engine", "exec", "--follow", "sh", "-c", "\(program) && \(program)"])
    #expect(result.status == 0 && result.output == "0 failures\n0 failures\n", "\(result.output)")
  }

  @Test("leaves programs that run with other rights on the kernel's page, with a warning", .enabled(if: getuid() == 0))
  func setUserID() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc"], in: directory)
    #expect(try Command.run(["chown", "65534", program]).status == 0)
    #expect(try Command.run(["chmod", "4755", program]).status == 0)
    let result = try Command.run([Self.loader, "--engine", "exec", program])
    #expect(result.status == 1 && result.output.contains("linux-vdso.so.1"), "\(result.output)")
    #expect(result.output.contains("rights of another user"))
  }
}
