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

  /// Makes a time namespace, forks a process in it, and then enters it. Prints for both processes whether MONOTONIC is what the system call
  /// returns.
  private static let entering = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <sched.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/syscall.h>
    #include <sys/wait.h>
    #include <time.h>
    #include <unistd.h>
    static int differs(void) {
      struct timespec page;
      long call[2] = {0};
      clock_gettime(CLOCK_MONOTONIC, &page);
      syscall(SYS_clock_gettime, CLOCK_MONOTONIC, call);
      return page.tv_sec < call[0] - 50000 || page.tv_sec > call[0] + 50000;
    }
    int main(void) {
      const char *offset = "monotonic 100000 0";
      int status = -1;
      if (unshare(0x80) != 0) return 2;
      int file = open("/proc/self/timens_offsets", O_WRONLY);
      if (write(file, offset, strlen(offset)) < 0) return 3;
      pid_t child = fork();
      if (child == 0) _exit(differs());
      if (waitpid(child, &status, 0) != child) return 4;
      if (setns(open("/proc/self/ns/time_for_children", O_RDONLY), 0) != 0) return 5;
      return printf("%d %d\\n", status, differs()) < 0;
    }
    """

  @Test(
    "shows a process that enters a time namespace its clocks, without an execve",
    arguments: [["gcc"], ProgramKind.i386.compiler], ["tsc", "tick", "host"])
  func entry(compiler: [String], source: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.compile(Self.entering, named: "entering", with: compiler)
    for time in [[], ["--time", "+3d"]] {
      let result = try Command.run([Self.loader, "--engine", "exec", "--clock-source", source] + time + [program])
      #expect(result.output == "0 0\n", "\(time): \(result)")
    }
  }

  @Test(
    "lets clocks go at a session's rate in a time namespace whose clocks are behind the session's",
    arguments: ["x2", "x0.5"])
  func behind(rate: String) throws {
    let script = """
      import time
      first = time.monotonic(); time.sleep(0.2); passed = time.monotonic() - first
      print("passed" if 0.1 < passed < 60 else passed)
      """
    let session = [Self.loader, "--engine", "exec", "--follow", "--time", rate]
    let namespace = ["unshare", "--time", "--monotonic", "-1000", "--fork", "--kill-child"]
    let result = try Command.run(["timeout", "60"] + session + namespace + ["/usr/bin/python3", "-c", script])
    #expect(result.output == "passed\n", "\(result)")
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
