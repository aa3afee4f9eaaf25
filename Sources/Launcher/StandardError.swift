// SPDX-License-Identifier: Apache-2.0

import Glibc
public import SimulatedKernel

/// Writes lines to standard error, each with one system call.
public enum StandardError {
  public static func print(_ line: String) {
    var bytes = Array(line.utf8) + [0x0a]
    var rest = bytes.count
    while rest > 0 {
      let written = unsafe bytes.withUnsafeMutableBytes {
        unsafe write(2, $0.baseAddress! + ($0.count - rest), rest)
      }
      if written < 0 && errno != EINTR { return }
      rest -= max(written, 0)
    }
  }

  /// What a simulated kernel writes goes there, or nowhere where `isVerbose` is false.
  public static func log(isVerbose: Bool) -> KernelLog {
    isVerbose ? KernelLog { _, line in print(line) } : .none
  }
}
