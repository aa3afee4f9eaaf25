// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import Testing

@Suite("Load errors")
struct LoadErrorTests {
  @Test("prints a load error as one line without control characters, whatever the interpreter's name")
  func controlCharacters() {
    let error = LoadError(path: "/lib/\u{1b}]0;x\u{7}\n\r", reason: .empty, neededBy: ["/tmp/\u{b}"])
    #expect(error.description.hasPrefix(#"/lib/\u{1b}]0;x\u{7}\u{a}\u{d} (interpreter of /tmp/\u{b}): is empty"#))
  }
}
