// SPDX-License-Identifier: Apache-2.0

import Glibc
import ProcessSupport
public import SimulatedKernel

/// Writes lines to standard error, each with one system call.
public enum StandardError {
  public static func print(_ line: String) {
    write(line + "\n")
  }

  /// Writes `text` as it is.
  public static func write(_ text: String) {
    try? writeAll(Array(text.utf8), to: STDERR_FILENO)
  }

  /// A log that writes a simulated kernel's lines to standard error, or discards them if `isVerbose` is false.
  public static func log(isVerbose: Bool) -> KernelLog {
    isVerbose ? KernelLog { _, line in print(line) } : .none
  }
}
