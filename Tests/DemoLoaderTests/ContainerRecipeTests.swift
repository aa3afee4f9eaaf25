// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The recipes of docs/containers.md, in namespaces, with Docker's capabilities and seccomp profile as `programs/container.c`
/// imitates them.
@Suite("Recipes for containers", .enabled(if: getuid() == 0))
struct ContainerRecipeTests {
  private static let loader = ProgramTests.loader
  private static let session = ["/demo-loader", "--time", "@2038-01-01"]

  /// Makes an image that has only static programs: `make-image PROC READ-ONLY FOLDER COMMAND...` runs the command as its first process.
  private static let makeImage = """
    set -eu
    proc=$1 readonly=$2 folder=$3; shift 3
    root=$(mktemp -d "$folder/root.XXXXXX")
    mount -t tmpfs -o mode=755 tmpfs "$root"
    mkdir "$root/old" "$root/proc"
    cp /bin/busybox "$root"
    cp "$CONTAINER" "$root/container"
    cp "$SECONDS_PROGRAM" "$root/seconds"
    cp "$0" "$root/demo-loader"
    [ "$proc" = no ] || mount -t proc proc "$root/proc"
    [ "$readonly" = no ] || mount -o remount,ro "$root"
    cd "$root"
    pivot_root . old
    exec /old/bin/busybox sh -c '/busybox umount -l /old; exec "$@"' sh "$@"
    """

  private static let namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]

  @Test(
    "runs in an image of static programs, with and without /proc, on a read-only root or not, as root and as a user without rights",
    arguments: ["yes", "no"], ["yes", "no"])
  func scratch(proc: String, readonly: String) throws {
    let directory = try TemporaryDirectory()
    let container = try Fixtures.compile("programs/container.c", with: ["gcc", "-static"], in: directory)
    let seconds = try Fixtures.compile("programs/seconds.c", with: ["gcc", "-static"], in: directory)
    for user in [[], ["-u", "1001"]] {
      func run(_ command: [String]) throws -> Command.Result {
        try Command.run(
          Self.namespaces + ["sh", "-c", Self.makeImage, Self.loader, proc, readonly, directory.path, "/container"]
            + user
            + command, environment: ["CONTAINER": container, "SECONDS_PROGRAM": seconds])
      }
      let plain = try run(["/demo-loader", "/seconds"])
      #expect(plain.status == 0 && Self.year(plain).map { (2024..<2038).contains($0) } == true, "\(plain)")
      for following in [["/seconds"], ["/busybox", "env", "/busybox", "env", "/seconds"]] {
        let result = try run(Self.session + following)
        #expect(result.status == 0 && Self.year(result) == 2038, "\(following): \(result)")
      }
    }
  }

  /// The number in the last line, which is in seconds, as a year.
  private static func year(_ result: Command.Result) -> Int? {
    result.output.split(separator: "\n").last.flatMap { Int($0) }.map { $0 / 31_556_952 + 1970 }
  }

  /// Compiles the imitation of a container.
  private func container(_ directory: TemporaryDirectory) throws -> String {
    try Fixtures.compile("programs/container.c", with: ["gcc"], in: directory)
  }

  @Test(
    "follows entry points that change their user with su, runuser and setpriv", arguments: ["su", "runuser", "setpriv"])
  func entryPoint(change: String) throws {
    let directory = try TemporaryDirectory()
    let words = [
      "su": ["nobody", "-s", "/bin/sh", "-c"], "runuser": ["-u", "nobody", "--", "sh", "-c"],
      "setpriv": ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c"],
    ]
    let command = [change] + (words[change] ?? []) + ["date +%Y; env date +%Y; id -u"]
    let result = try Command.run([try container(directory), Self.loader, "--time", "@2038-01-01"] + command)
    #expect(result.status == 0 && result.output == "2038\n2038\n65534\n", "\(result)")
  }

  @Test("leaves nothing under an init that reaps orphans, and returns the program's exit status")
  func initProcess() throws {
    let directory = try TemporaryDirectory()
    let reaper = """
      import os, sys
      program = os.fork()
      if program == 0: os.execv(sys.argv[1], sys.argv[1:])
      status = 0
      while True:
          try: process, ended = os.wait()
          except ChildProcessError: break
          if process == program: status = os.waitstatus_to_exitcode(ended)
      print([name for name in os.listdir("/proc") if name.isdigit()], status)
      """
    let result = try Command.run(
      Self.namespaces + ["--mount-proc", "python3", "-c", reaper, try container(directory), Self.loader]
        + ["--time", "@2038-01-01", "sh", "-c", "env date +%Y; exit 7"])
    #expect(result.status == 0 && result.output == "2038\n['1'] 7\n", "\(result)")
  }

  @Test("works with PID namespaces outside and inside its session, and reports one that only the children belong to")
  func pidNamespaces() throws {
    let inside = ["sh", "-c", "date +%Y; env date +%Y"]
    let namespace = ["unshare", "--pid", "--fork", "--mount-proc"]
    let session = [Self.loader, "--time", "@2038-01-01"]
    for command in [namespace + session + inside, session + namespace + inside, session + namespace + session + inside]
    {
      let result = try Command.run(command)
      #expect(result.status == 0 && result.output == "2038\n2038\n", "\(command): \(result)")
    }
    // The first child is the namespace's first process. When it ends, no other can be started.
    let elsewhere = ["unshare", "--pid"]
    let program = ["sh", "-c", "exec date +%Y"]
    for options in [["--time", "@2001-01-01"], ["--time", "@2001-01-01", "--no-follow"], []] {
      let result = try Command.run(elsewhere + [Self.loader] + options + program)
      let lines = result.output.split(separator: "\n")
      #expect(result.status == 0 && lines.count == 2 && lines.last != "2001", "\(options): \(result)")
      #expect(lines.first?.contains("unshare --pid needs --fork") == true, "\(options): \(result)")
    }
    for options in [
      ["--follow"], ["--strict", "--time", "+1d"], ["--engine", "exec"], ["--control", "/nonexistent/control"],
      ["--engine", "load", "--clock-source", "tsc"], ["--engine", "load", "--time", "+1d"],
    ] {
      let result = try Command.run(elsewhere + [Self.loader] + options + program)
      #expect(result.status == 125 && result.output.split(separator: "\n").count == 1, "\(options): \(result)")
    }
    // Engine load starts no process for the host's clocks.
    let loaded = try Command.run(elsewhere + [Self.loader, "--engine", "load"] + program)
    #expect(loaded.status == 0 && loaded.output.split(separator: "\n").count == 1, "\(loaded)")
    // demo-loader's first child must be the program's, not its own.
    let kept = try Command.run(elsewhere + [Self.loader, "sh", "-c", "date +%Y; exit 3"])
    #expect(kept.status == 3 && kept.output.split(separator: "\n").count == 2, "\(kept)")
  }
}
