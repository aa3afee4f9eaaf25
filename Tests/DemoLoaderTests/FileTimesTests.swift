// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Times of files in another time")
struct FileTimesTests {
  private static let loader = ProgramTests.loader

  private func run(_ options: [String], _ command: [String]) throws -> Command.Result {
    try Command.run([Self.loader, "--file-times"] + options + command)
  }

  private func seconds(_ path: String) throws -> Int {
    try #require(Int(Command.run(["stat", "-c", "%Y", path]).output.dropLast()))
  }

  @Test(
    "shifts file times in every call that reads them, and back in every call that sets them",
    arguments: StrictTimeTests.kinds)
  func calls(kind: ProgramKind) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/file-times.c", with: kind.compiler, in: directory)
    let file = directory.path + "/file"
    let direct = try Command.run([program, file])
    #expect(direct.status == 0, "the program is right by itself: \(direct.output)")
    for (options, offset) in [(["--time", "+3d"], 259_200), (["--time", "-1.5h", "--clock", "all"], -5400)] {
      let result = try run(options, [program, file])
      #expect(result.status == 0 && result.output == "0 failures\n", "\(options): \(result.output)")
      #expect(try seconds(file) == 1_500_000_000 - offset, "the host's own")
    }
    let without = try Command.run([Self.loader, "--time", "+3d", program, file])
    #expect(without.status == 1, "the check must notice: \(without.output)")
  }

  @Test("shows make, tar and a shell file times that fit the date")
  func tools() throws {
    let script = """
      unset MAKEFLAGS MAKELEVEL MFLAGS; cd "$1"; echo 'b: a; cp a b' > Makefile; echo a > a; make -s; make; tar --format=posix -cf c.tar a b; mkdir d; tar -C d -xf c.tar
      test a -nt d/a || test a -ot d/a || echo same; touch -r a -d '1 hour ago' a; make; find . -maxdepth 1 -name b -newermt '1 minute ago'
      python3 -c 'import os, time; print(abs(time.time() - os.stat("b").st_mtime) < 60)'
      """
    for time in ["-3d", "+3d", "@2031-05-05"] {
      let directory = try TemporaryDirectory()
      let result = try run(["--time", time], ["sh", "-c", script, "sh", directory.path])
      #expect(
        result.status == 0
          && result.output == "make: 'b' is up to date.\nsame\nmake: 'b' is up to date.\n./b\nTrue\n",
        "\(result.output)")
    }
    let directory = try TemporaryDirectory()
    let skewed = try Command.run([Self.loader, "--time", "-3d", "sh", "-c", script, "sh", directory.path])
    #expect(skewed.output.contains("Clock skew detected"), "the check must notice: \(skewed.output)")
  }

  @Test("shifts file times after a change of the session's time, and refuses a change that file times can't follow")
  func change() throws {
    let directory = try TemporaryDirectory()
    let script = """
      cd "$2"; touch -d @1000000000 a; date -u +%s; stat -c %Y a; "$1" time "$PWD/c" +2d > /dev/null; stat -c %Y a
      for spec in x2 = 'step 1s'; do "$1" time "$PWD/c" "$spec"; done; stat -c %Y a
      date -s @1500000000 > /dev/null; touch b; expr $(stat -c %Y b) / 100
      python3 -c 'import ctypes; b = (ctypes.c_long * 26)(2, 0, 65536); print(ctypes.CDLL(None).adjtimex(b))'
      """
    let result = try Command.run(
      [
        Self.loader, "--file-times", "--time", "@2001-01-01T00:00:00Z", "--control", directory.path + "/c", "sh", "-c",
        script, "sh", Self.loader, directory.path,
      ])
    let lines = result.output.split(separator: "\n")
    try #require(lines.count == 9, "\(result.output)")
    #expect(lines[0].hasPrefix("97830") && lines[1] == "1000000000", "\(result.output)")
    let moved = try #require(Int(lines[2]))
    // The date moves from behind the host's to ahead of it.
    #expect(moved > 1_000_000_000 + 172_800, "\(result.output)")
    #expect(lines[3...5].allSatisfy { $0.contains("shifts file times") }, "\(result.output)")
    #expect(lines[6] == lines[2] && lines[7] == "15000000" && lines[8] == "-1", "\(result.output)")
  }

  @Test("refuses file times with a rate, or with a clock that stands or steps")
  func refusals() throws {
    for options in [
      ["--time", "x2"], ["--time", "=2001-01-01"], ["--time", "@86400 step 1s"], ["--deterministic"],
      ["--time", "+1d", "--clock-source", "fixed"],
    ] {
      let result = try run(options, ["echo", "started"])
      #expect(result.status == 125 && result.output.contains("no file time would be right"), "\(result.output)")
    }
    for (options, reason) in [
      (["--time", "+1d", "--no-strict"], "intercepts system calls"),
      (["--time", "+1d", "--no-follow"], "intercepts system calls"),
      ([], "--file-times needs --time"),
    ] {
      let result = try run(options, ["echo", "started"])
      #expect(result.status == 125 && result.output.contains(reason), "\(options): \(result.output)")
    }
    let inner = try Command.run([Self.loader, "--time", "x2", Self.loader, "--file-times", "--time", "+1d", "true"])
    #expect(inner.status == 125 && inner.output.contains("no file time would be right"), "\(inner.output)")
  }

  @Test(
    "shows the host's file times, with a message, if a program's memory can't be read or calls can't be intercepted")
  func closed() throws {
    let directory = try TemporaryDirectory()
    let source = """
      #include <stdio.h>
      #include <sys/prctl.h>
      #include <sys/stat.h>
      int main(int c, char **v) {
        struct stat s;
        prctl(PR_SET_DUMPABLE, 0);
        int r = stat(v[1], &s);
        printf("%d %ld\\n", r, (long)s.st_mtime);
      }
      """
    let program = try directory.compile(source, named: "closed", with: ["gcc"])
    let file = directory.path + "/closed.c"
    let host = try seconds(file)
    _ = try Command.run(["chmod", "-R", "a+rX", directory.path])
    let user = getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    // The session may reopen a pipe of its own user, and no other.
    let piped = ["sh", "-c", "\"$@\" 2>&1 | cat", "sh"]
    let result = try Command.run(user + piped + [Self.loader, "--file-times", "--time", "+3d", program, file])
    #expect(result.output.contains("0 \(host)\n") && result.output.contains("may not be read"), "\(result.output)")
    let loaded = try run(["--time", "+3d", "--engine", "load"], ["true"])
    #expect(loaded.status == 0 && loaded.output.contains("file times are the host's"), "\(loaded.output)")
  }

  @Test("keeps the file times of an inner session separate from the outer one's")
  func nested() throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/a"
    _ = try Command.run(["touch", "-d", "@1000000000", file])
    let stat = ["stat", "-c", "%Y", file]
    for (inner, expected) in [
      (["--file-times", "--time", "@2031-05-05"], true), (["--time", "+1d", "--no-strict"], false),
      (["--time", "+1d"], false),
    ] {
      let result = try run(
        ["--time", "+3d"], ["sh", "-c", "\"$@\"; touch \"$0\"; \"$@\"", file, Self.loader] + inner + stat)
      let times = result.output.split(separator: "\n").compactMap { Int($0) }
      try #require(result.status == 0 && times.count == 2, "\(result.output)")
      #expect((times[0] == 1_000_000_000) == !expected, "\(inner): \(result.output)")
      _ = try Command.run(["touch", "-d", "@1000000000", file])
    }
  }
}
