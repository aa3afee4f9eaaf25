// SPDX-License-Identifier: Apache-2.0

// The environment and arguments of this process, as bytes.
//
// Assumes: no other thread changes the environment meanwhile; its strings are null-terminated, which libc guarantees.

import CLinux
import Glibc
import ProcessSupport

/// The arguments and environment that this process was started with. The corresponding C variable is `environ`.
public enum ProcessEnvironment {
  /// The arguments of this process; empty if /proc isn't mounted.
  public static var arguments: [[UInt8]] {
    let text = (try? SmallFile.contents(of: "/proc/self/cmdline")) ?? []
    return text.dropLast().split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
  }

  /// Copies of all strings, in their order.
  public static var strings: [[UInt8]] {
    var result: [[UInt8]] = []
    guard var next = unsafe linux_environment() else { return result }
    while let string = unsafe next.pointee {
      // SAFETY: null-terminated; copied before the next step.
      result.append(unsafe Array(UnsafeRawBufferPointer(start: string, count: strlen(string))))
      unsafe next += 1
    }
    return result
  }
}
