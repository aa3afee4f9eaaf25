// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Programs in time namespaces", .enabled(if: geteuid() == 0))
struct TimeNamespaceTests {
  private static let loader = ProgramTests.loader
  private static let namespace = ["unshare", "--time", "--monotonic", "100000", "--boottime", "5000"]

  @Test(
    "shows programs in another time namespace their own clocks, with any counter",
    arguments: [["gcc"], ProgramKind.i386.compiler, ["gcc", "-static"]], ["tsc", "tick", "host"])
  func clocks(compiler: [String], source: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/namespace-clocks.c", with: compiler, in: directory)
    let session = [Self.loader, "--engine", "exec", "--follow", "--clock-source", source]
    #expect(try Command.run(session + Self.namespace + [program]).output == "0\n")
    // A session inside the namespace, and a program that leaves the namespace for another.
    #expect(try Command.run(Self.namespace + session + [program]).output == "0\n")
    let other = ["unshare", "--time", "--monotonic", "7000"]
    #expect(try Command.run(Self.namespace + session + other + [program]).output == "0\n")
    #expect(
      try Command.run(
        Self.namespace + [Self.loader, "--engine", "load", "--no-follow", "--clock-source", source, program]
      ).output
        == "0\n")
  }

  @Test("shows programs in another time namespace the session's date and its changes")
  func change() throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    let script = """
      use POSIX; $| = 1;
      print POSIX::strftime("%Y\\n", gmtime);
      system($ARGV[0], "time", $ARGV[1], "=2031-06-01T00:00:00Z") == 0 or die;
      print POSIX::strftime("%Y\\n", gmtime);
      """
    let session = [Self.loader, "--engine", "exec", "--follow", "--clock-source", "tsc"]
    let result = try Command.run(
      session + ["--time", "=2001-06-01T00:00:00Z", "--control", control] + Self.namespace
        + ["perl", "-e", script, Self.loader, control])
    let lines = result.output.split(separator: "\n")
    #expect(lines.first == "2001" && lines.last == "2031", "\(result)")
  }
}
