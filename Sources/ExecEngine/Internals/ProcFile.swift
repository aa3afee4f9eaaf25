// SPDX-License-Identifier: Apache-2.0

// Small files of /proc.
//
// Assumes: the buffer handed to the kernel is of the size stated.

import CLinux

/// A file of /proc, read at once.
public enum ProcFile {
  /// At most the first 8 KiB, nothing where the file can't be read.
  public static func contents(of path: String) -> [UInt8] {
    let file = unsafe path.withCString { unsafe linux_open_for_reading($0) }
    guard file >= 0 else { return [] }
    defer { linux_close(file) }
    let capacity = 8192
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = unsafe max(0, Int(linux_read_at(file, buffer.baseAddress, capacity, 0)))
    }
  }

  /// The name of a process's program, of at most 15 bytes, as /proc/PID/comm has it; nil if it is gone.
  public static func programName(of process: Int32) -> String? {
    let line = contents(of: "/proc/\(process)/comm")
    guard line.count > 1, line.last == 0x0a else { return nil }
    return String(decoding: line.dropLast(), as: UTF8.self)
  }

  /// A process's state as one letter, T for stopped; nil if it is gone.
  static func state(of process: Int32) -> UInt8? {
    let stat = contents(of: "/proc/\(process)/stat")
    // The name may hold blanks and parentheses; what follows the last one is the state.
    guard let end = stat.lastIndex(of: UInt8(ascii: ")")), end + 2 < stat.count else { return nil }
    return stat[end + 2]
  }
}
