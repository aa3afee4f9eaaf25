// SPDX-License-Identifier: Apache-2.0

// execve with arguments of bytes.
//
// Assumes nothing beyond what execve reads: null-terminated strings in null-terminated arrays, made here for the call.

import CLinux
import Glibc
import ProcessSupport

/// The kernel's execve.
package enum Execution {
  /// A descriptor of the same file that stays open over execve. If /proc allows it, it is opened separately, so that a lease shows whether
  /// a process uses the file. -1 and `errno` if there is none.
  package static func reopened(_ file: Int32) -> Int32 {
    let opened = openedSeparately(file)
    return opened >= 0 ? opened : fcntl(file, F_DUPFD, 3)
  }

  /// The same, but -1 if there is no /proc to open the file again. Another descriptor of the same opening won't do: a lease on it would
  /// always find the file in use.
  static func openedSeparately(_ file: Int32) -> Int32 {
    let opened = unsafe "/proc/self/fd/\(file)".withCString { unsafe linux_open_for_reading($0) }
    guard opened >= 0 else { return -1 }
    defer { close(opened) }
    return fcntl(opened, F_DUPFD, 3)
  }

  /// Replaces this process by the program. Returns the error if the kernel refuses.
  static func replaceProcess(_ path: [UInt8], _ arguments: [[UInt8]], _ environment: [[UInt8]]) -> Errno {
    // The memory is never freed, because the process ends in any case.
    var arguments = unsafe arguments.map { unsafe string($0) } + [nil]
    var environment = unsafe environment.map { unsafe string($0) } + [nil]
    guard let path = unsafe string(path) else { return .noMemory }
    unsafe execve(path, &arguments, &environment)
    return .current
  }

  private static func string(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { unsafe copy[index] = CChar(bitPattern: byte) }
    unsafe copy[bytes.count] = 0
    return unsafe copy
  }
}
