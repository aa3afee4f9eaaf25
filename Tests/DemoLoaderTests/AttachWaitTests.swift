// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension AttachTests {
  @Test("see no end of a wait that attaching or detaching has interrupted")
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
