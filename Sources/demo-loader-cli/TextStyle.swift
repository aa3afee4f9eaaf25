// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Colors for text that people read.
struct TextStyle {
  let isColored: Bool

  /// The style of standard output: colored on a terminal, unless NO_COLOR is set or the terminal is dumb.
  static var ofStandardOutput: TextStyle {
    let terminal = value(of: "TERM")
    let isRefused = value(of: "NO_COLOR") != "" || terminal == "" || terminal == "dumb"
    return TextStyle(isColored: isatty(STDOUT_FILENO) == 1 && !isRefused)
  }

  func green(_ text: String) -> String { wrapped(text, 32) }
  func red(_ text: String) -> String { wrapped(text, 31) }

  private func wrapped(_ text: String, _ color: Int) -> String {
    isColored ? "\u{1b}[\(color)m\(text)\u{1b}[0m" : text
  }

  /// The value of an environment variable; empty if it isn't set.
  private static func value(of variable: String) -> String {
    guard let value = unsafe getenv(variable) else { return "" }
    return unsafe String(cString: value)
  }
}
