// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Nothing traces a followed program while it maps its pages: what its supervisor saw to before, it sees to itself.
@Suite("What a followed program does for its page")
struct FollowedPageTests {
  private static let loader = [ProgramTests.loader, "--engine", "exec", "--time", "+1d"]

  private func traces(_ command: [String]) throws -> String {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-traces.c", with: ["gcc"], in: directory)
    return try Command.run(Self.loader + command + [program]).output
  }

  @Test("shows the page in /proc/PID/auxv and in core dumps", arguments: [["env"], ["--verbose", "env"]])
  func traces(options: [String]) throws {
    #expect(try traces(options).contains("vector same, 4 KiB\n"))
  }

  @Test("names a followed program that fails to map its page, and why")
  func failure() throws {
    // One descriptor for the time page, and none for the code page's file.
    let result = try Command.run(Self.loader + ["sh", "-c", "ulimit -n 4; /bin/true"])
    #expect(
      result.status == 0
        && result.output.hasSuffix(
          "(true) stays on the kernel's page and sees the host's time: cannot place the pages in the program: "
            + "Too many open files; raise this process's limit (ulimit -n)\n"),
      "\(result)")
  }
}
