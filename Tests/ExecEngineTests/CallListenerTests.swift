// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("Answers to intercepted system calls")
struct CallListenerTests {
  @Test(
    "a call that is answered with a descriptor returns it, though the supervisor is stopped and continued all the time")
  func descriptors() throws {
    let directory = try TemporaryDirectory()
    let sources = "\(Fixtures.package)/Sources"
    let program = try Fixtures.compile(
      "programs/answered-descriptors.c",
      with: [
        "gcc", "-O1", "-I\(sources)/CLinux/include", "-I\(sources)/CSystemCalls/include",
        "\(sources)/CLinux/seccomp.c", "\(sources)/CSystemCalls/syscall.c",
      ], in: directory)
    let result = try Command.run([program])
    #expect(result.status == 0 && result.output == "0 failures\n", "\(result)")
  }
}
