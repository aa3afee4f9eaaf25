// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension AttachTests {
  @Test("attaching and detaching don't end the waits of a program that runs already")
  func waits() throws {
    let program = try RunningProgram(Self.glibc, "programs/waiting.c", threads: 0)
    for _ in 0..<2 {
      for words in [["attach", "\(program.pid)", "--time", "+2d"], ["detach", "\(program.pid)"]] {
        let result = try Command.run([Self.loader] + words)
        #expect(result.status == 0, "\(result.output)")
        #expect(try program.answer() == "0 failures")
      }
    }
    #expect(try program.finish() == "0 failures\n")
  }
}
