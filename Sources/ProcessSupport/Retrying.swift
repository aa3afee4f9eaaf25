// SPDX-License-Identifier: Apache-2.0

// Results of system calls.
//
// Assumes: the bytes handed to the kernel live through the call.

import Glibc
@_exported public import LinuxTypes

extension Errno {
  /// The error of the last call of libc that failed. The corresponding C variable is `errno`.
  package static var current: Errno { Errno(rawValue: errno) }

  /// The result of a system call that returns error numbers negated.
  package static func check(_ result: Int) throws(Errno) -> Int {
    guard result < 0, result > -4096 else { return result }
    throw Errno(result: result)
  }
}

/// The result of a system call that returns error numbers negated. The call is repeated whenever a signal interrupts it.
package func retrying(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    guard result == -Int(EINTR) else { return result }
  }
}

/// The same for a function of libc that returns -1 and sets `errno`. The result is the error number negated.
package func retryingLibc(_ call: () -> Int) -> Int {
  retrying {
    let result = call()
    return result == -1 ? -Int(errno) : result
  }
}

/// Writes all of `bytes`, with as many calls as needed. The corresponding C function is `write`.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(Errno) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = try Errno.check(
      retryingLibc { unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) } })
    rest = rest.dropFirst(count)
  }
}
