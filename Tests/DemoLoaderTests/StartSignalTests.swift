// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Signals while a program is started")
struct StartSignalTests {
  @Test(
    "a start is stopped, continued and ended by signals at any moment",
    arguments: [["--time", "+3d"], ["--engine", "load", "--time", "+3d", "--no-follow"], ["--engine", "exec"]],
    [SIGSTOP, SIGINT])
  func signals(options: [String], signal: Int32) throws {
    let directory = try TemporaryDirectory()
    let sender = try Fixtures.compile("programs/start-signals.c", with: ["gcc", "-O1"], in: directory)
    let seed = UInt16.random(in: 0 ... .max)
    let result = try Command.run([sender, "\(seed)", "60", "\(signal)", ProgramTests.loader] + options + ["/bin/true"])
    #expect(result.output == "60 ended\n", "seed \(seed): \(result.output)")
  }
}
