// SPDX-License-Identifier: Apache-2.0

import Glibc
import Launcher

/// A growing bar on standard error, if that is a terminal.
final class ProgressBar {
  private static let width = 40

  private let steps: Int
  private let isShown = isatty(STDERR_FILENO) == 1
  private var done = 0
  private var drawn = -1

  init(steps: Int) {
    self.steps = max(1, steps)
  }

  func advance() {
    done += 1
    let filled = min(Self.width, Self.width * done / steps)
    guard isShown, filled != drawn else { return }
    drawn = filled
    StandardError.write(
      "\r[" + String(repeating: "#", count: filled) + String(repeating: " ", count: Self.width - filled) + "]")
  }

  /// Erases the bar.
  func finish() {
    if isShown && drawn >= 0 { StandardError.write("\r\u{1b}[K") }
  }
}
