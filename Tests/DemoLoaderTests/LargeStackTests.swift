// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Programs with many arguments or variables")
struct LargeStackTests {
  private static let loader = ProgramTests.loader
  /// More pointers than fit into the 128 KiB that the kernel leaves on a stack below the strings.
  private static let many = (1...20000).map { "V\($0)=\($0)" }

  @Test(
    "gives our page to programs with many arguments, the first one and one that it executes",
    arguments: [ProgramKind.i386, ProgramKind(name: "glibc", compiler: ["gcc"])], ["8192", "32768", "unlimited"])
  func page(kind: ProgramKind, limit: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/page-check.c", with: kind.compiler, in: directory)
    func run(_ arguments: [String]) throws -> String {
      try Command.run(
        ["sh", "-c", "ulimit -S -s \(limit); exec \"$0\" \"$@\"", Self.loader, "--engine", "exec"] + arguments
      )
      .output
    }
    #expect(try run(["--no-follow", program] + Self.many) == "0 failures\n")
    #expect(try run(["--follow", "env"] + Self.many + [program] + Self.many) == "0 failures\n")
  }
}
