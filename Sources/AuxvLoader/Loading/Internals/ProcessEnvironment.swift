// The environment and arguments of this process, as bytes.
//
// Assumes: no other thread changes the environment meanwhile; its strings are null-terminated, which libc guarantees.

import CLinux
import Glibc

/// This process's environment. The corresponding C variable is `environ`.
public enum ProcessEnvironment {
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
