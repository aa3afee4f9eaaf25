// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The check at the end of `make test` detects everything that it is made for.
@Suite("What tests leave behind")
struct LeftoverTests {
  /// Runs a shell script under the check.
  private func check(_ text: String, seconds: Int = 1) throws -> Command.Result {
    try Command.run(
      ["\(Fixtures.package)/Scripts/check-leftovers", "sh", "-c", text],
      environment: ["LEFTOVERS_SECONDS": "\(seconds)"])
  }

  @Test(
    "detects leftover processes, also of another session, the parents of zombies, and files",
    arguments: [
      ("sleep 1000 &", "sleep 1000"), ("setsid sleep 1000 &", "sleep 1000"),
      ("perl -e 'exec qw(sleep 1000) if fork == 0; exit'", "sleep 1000"),
      ("perl -e 'unless (fork) { unless (fork) { exit } sleep 1000 }'", "perl"),
      ("mkdir $TMPDIR/folder; touch $TMPDIR/folder/file", "folder/file"),
    ])
  func noticed(text: String, told: String) throws {
    let result = try check(text)
    #expect(result.status == 1 && result.output.contains(told), "\(result)")
  }

  @Test(
    "detects leftover shared memory, mounts and sockets of sessions that have ended",
    arguments: [
      "touch /dev/shm/$NAME", "mount -t tmpfs $NAME $TMPDIR",
      "perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un($ARGV[0])' /tmp/.vdso-time-$NAME",
    ])
  func shared(text: String) throws {
    // The script has a /tmp and a /dev/shm of its own.
    let user = getuid() == 0 ? [] : ["--map-root-user"]
    let mounts = "mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs /dev/shm && unset TMPDIR && exec \"$@\""
    let result = try Command.run(
      ["unshare", "--mount"] + user + ["sh", "-c", mounts, "sh"]
        + ["\(Fixtures.package)/Scripts/check-leftovers", "sh", "-c", text],
      environment: ["LEFTOVERS_SECONDS": "1", "NAME": "left"])
    #expect(result.status == 1 && result.output.contains("left of shared memory"), "\(result)")
  }

  @Test("reports nothing if everything ends, even later, and keeps the command's exit status")
  func nothing() throws {
    let clean = try check("(sleep 0.1 &); touch $TMPDIR/file; rm $TMPDIR/file", seconds: 100)
    #expect(clean.status == 0 && clean.output.isEmpty, "\(clean)")
    #expect(try check("exit 7").status == 7)
  }

  @Test("detects an open file and a mapped file in the test process")
  func inProcess() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/file"
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    #expect(ftruncate(file, 4096) == 0)
    let data = unsafe mmap(nil, 4096, PROT_READ, MAP_SHARED, file, 0)
    #expect(Leftovers.descriptors.contains("descriptor \(file): \(path)"))
    let left = Leftovers.mappings
    #expect(left.contains { $0.hasSuffix(path) }, "\(left)")
    unsafe munmap(data, 4096)
  }
}
