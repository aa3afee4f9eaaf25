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

  @Test("maps the code page of all programs from the session's file")
  func sharing() throws {
    // The number of different files, by their inodes.
    let files = "grep memfd:vdso- /proc/$$/maps | sort -u -k 5,5 | wc -l"
    let result = try Command.run(Self.loader + ["sh", "-c", "\(files); sh -c '\(files); :'"])
    #expect(result.output == "1\n1\n", "\(result)")
  }

  @Test("gives its page to a program that may not execute what it has written")
  func writeOrExecute() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/write-or-execute.c", with: ["gcc"], in: directory)
    let traces = try Fixtures.compile("programs/page-traces.c", with: ["gcc"], in: directory)
    let result = try Command.run(Self.loader + [program, traces])
    // The kernel knows the rule since Linux 6.3.
    guard result.status != 77 else { return }
    #expect(result.output == "vector same, 4 KiB\n", "\(result)")
  }

  @Test(
    "names a followed program that fails to map its page, and why: it can't have the time page, or the file of an image that isn't ours",
    arguments: [3, 4])
  func failure(limit: Int) throws {
    let directory = try TemporaryDirectory()
    let image = try OtherImage.write(in: directory)
    let program = try directory.compile("int main(void) { return 0; }", named: "true", with: ["gcc", "-static"])
    let options = limit == 3 ? ["--time", "+1d"] : ["--vdso", image]
    let result = try Command.run(Self.loader + options + ["sh", "-c", "ulimit -n \(limit); \(program)"])
    #expect(
      result.status == 0
        && result.output.hasSuffix(
          "(true) stays on the kernel's page and sees the host's time: cannot place the pages in the program: "
            + "Too many open files; raise this process's limit (ulimit -n)\n"),
      "\(result)")
  }
}

/// An image that a program can get as its vDSO, and that isn't a page of ours as far as the supervisor can see.
enum OtherImage {
  /// Writes it and returns its path.
  static func write(in directory: borrowing TemporaryDirectory) throws -> String {
    let path = "\(directory.path)/other.so"
    let result = try Command.run([ProgramTests.loader, "image", "--output", path])
    try #require(result.status == 0, "\(result)")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    // The magic number of the Mach header.
    let header = 0x210
    try #require(bytes[header] == 0xc0)
    bytes[header] = 0
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}
