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
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = retryingLibc { unsafe rest.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) } }
      if written < 0 { return }
      rest = rest.dropFirst(written)
    }
  }

  /// What a simulated kernel writes goes there, or nowhere where `isVerbose` is false.
  public static func log(isVerbose: Bool) -> KernelLog {
    isVerbose ? KernelLog { _, line in print(line) } : .none
  }
}
