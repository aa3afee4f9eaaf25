// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("The files of sessions")
struct SessionFileTests {
  private static let loader = ProgramTests.loader

  @Test("leaves no file of a session behind, whatever directory its name is in")
  func files() throws {
    let directory = try TemporaryDirectory()
    let command =
      "cd \(directory.path) && \(Self.loader) --control here --time +1d ls && while [ -e here ]; do sleep 0.1; done"
    let result = try Command.run(["sh", "-c", command])
    #expect(result.status == 0 && result.output == "here\n", "\(result.output)")
  }

  @Test("removes the files of sessions that were killed completely", .enabled(if: getuid() == 0))
  func killedSessions() throws {
    // When the first process of a PID namespace ends, all others are killed. /tmp and /run are the namespace's own.
    let session = "unshare --pid --fork --kill-child \(Self.loader) --time +1d true"
    let script = """
      mount -t tmpfs none /tmp; mount -t tmpfs none /run
      unshare --pid --fork --kill-child --mount-proc sh -c '\(Self.loader) --time +1d sleep 60 & while ! ls /tmp/.vdso*; do sleep 0.1; done'
      touch /tmp/.vdso-time-1
      \(session); \(Self.loader) --time +1d true
      while [ $(ls -A /tmp | wc -l) != 1 ]; do sleep 0.1; done
      ls -A /tmp
      """
    let result = try Command.run(["unshare", "--mount", "sh", "-c", script])
    #expect(
      result.status == 0 && result.output.hasSuffix("\n.vdso-time-1\n"),
      "a file that is no socket stays: \(result.output)")
  }

  @Test("replaces the socket of a session that was killed")
  func abandoned() throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    let script = "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind('\(control)')"
    #expect(try Command.run(["/usr/bin/python3", "-c", script]).status == 0)
    let result = try Command.run([Self.loader, "--control", control, "echo", "started"])
    #expect(result.status == 0 && result.output == "started\n", "\(result.output)")
  }

  @Test("gives one control file to one session after the other", arguments: [[], ["--engine", "load", "--no-follow"]])
  func successiveSessions(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let start = ([Self.loader, "--time", "+1d", "--control", "\(directory.path)/control"] + options).joined(
      separator: " ")
    let result = try Command.run(["sh", "-c", "for number in $(seq 30); do \(start) echo started || exit; done"])
    #expect(result.output == String(repeating: "started\n", count: 30), "\(result.output)")
  }

  @Test("removes no file but its own when a session ends", arguments: [[], ["--engine", "load", "--no-follow"]])
  func othersFile(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let control = "\(directory.path)/control"
    let script = "rm \(control); echo data > \(control); touch \(directory.path)/done"
    let command = [Self.loader, "--time", "+1d", "--control", control] + options + ["sh", "-c", script]
    #expect(
      try Command.run(["sh", "-c", "\"$@\"; sleep 1; cat \(control)", "sh"] + command).output.hasSuffix("data\n"))
  }
}
