// SPDX-License-Identifier: Apache-2.0

import LinuxTypes
import Testing

@Suite("Text that comes from files")
struct VisibleTextTests {
  @Test("escapes only characters that move the cursor, end a line or change the writing direction")
  func escapes() {
    #expect("a\u{1b}[2J\n\u{7f}\u{9b}1m\u{202e}z".escapingControls == #"a\u{1b}[2J\u{a}\u{7f}\u{9b}1m\u{202e}z"#)
    #expect("ẞ 時計 🕰️ \\ ~".escapingControls == "ẞ 時計 🕰️ \\ ~")
  }
}
