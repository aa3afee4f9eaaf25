// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Programs executed by programs on our page")
struct FollowingTests {
  private static let loader = ProgramTests.loader

  static let kinds = [
    ProgramKind(name: "glibc", compiler: ["gcc"]),
    ProgramKind(name: "glibc, static", compiler: ["gcc", "-static"]),
    ProgramKind(name: "musl, static", compiler: ["musl-gcc", "-static"]),
    ProgramKind.i386,
    ProgramKind.i386Static,
  ]

  @Test("gives a program executed by another one our page", arguments: kinds)
  func descendants(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: kind.compiler, in: directory)
    let script = "\(program) && env \(program) && sh -c \(program)"
    let result = try Command.run([Self.loader, "--engine", "exec", "--follow", "sh", "-c", script])
    #expect(result.status == 0 && result.output == String(repeating: "0 failures\n", count: 3), "\(result.output)")
    // Without following, the programs get the kernel's page, and the check fails.
    #expect(try Command.run([Self.loader, "--engine", "exec", "--no-follow", "sh", "-c", script]).status == 1)
  }

  @Test(
    "gives our page to programs executed by every variant of execve",
    arguments: ["failed", "vfork", "spawn", "thread", "threads", "signals"], ["gcc", "i386"])
  func variants(way: String, compiler: String) throws {
    let directory = try TemporaryDirectory()
    let flags = compiler == "i386" ? ProgramKind.i386.compiler : [compiler]
    let variants = try Fixtures.compile("programs/exec-variants.c", with: flags + ["-pthread"], in: directory)
    let program = try Fixtures.compile("programs/page-check.c", with: flags, in: directory)
    for _ in 0..<5 {
      let result = try Command.run([Self.loader, "--engine", "exec", "--follow", variants, way, program])
      #expect(result.status == 0 && result.output == "0 failures\n", "\(result.status) \(result.output)")
    }
  }

  @Test("follows 300 concurrent execs, four at a time, without losing one")
  func storm() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: ["gcc", "-static"], in: directory)
    // `make corpus` runs 10,000.
    let count = ProcessInfo.processInfo.environment["STORM_COUNT"].flatMap { Int($0) } ?? 300
    let result = try Command.run(
      [Self.loader, "--engine", "exec", "--follow", "sh", "-c", "seq \(count) | xargs -P 4 -n 1 \(program)"])
    #expect(result.status == 0)
    #expect(result.output == String(repeating: "0 failures\n", count: count))
  }

  @Test("reports each followed program with its clock source under --verbose")
  func report() throws {
    let result = try Command.run([
      Self.loader, "--verbose", "--engine", "exec", "--follow", "sh", "-c", "/bin/true; /bin/true",
    ])
    let pages = result.output.split(separator: "\n").filter { $0.contains("our page at") }
    #expect(pages.count == 3 && pages.allSatisfy { $0.hasSuffix("clock source host, engine exec") }, "\(result.output)")
  }

  @Test("leaves a followed program that another process traces on the kernel's page, with a message")
  func otherTracer() throws {
    let result = try Command.run(
      [
        Self.loader, "--verbose", "--engine", "exec", "--follow", "strace", "-f", "-o", "/dev/null", "/bin/echo",
        "done",
      ])
    #expect(result.status == 0 && result.output.contains("done\n"))
    #expect(result.output.contains("stays on the kernel's page"), "\(result.output)")
  }
}
