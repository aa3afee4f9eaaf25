// Standard error of another process.
//
// Assumes: the buffer handed to the kernel is of the size stated.

import CLinux
import Glibc

/// Writes to the standard error that a program has, without holding it open.
enum ProgramOutput {
  static func print(_ lines: [String], to process: Int32) {
    guard !lines.isEmpty else { return }
    let handle = linux_process_descriptor(process)
    guard handle >= 0 else { return }
    defer { close(handle) }
    let output = linux_descriptor_of(handle, 2)
    guard output >= 0 else { return }
    defer { close(output) }
    // Whoever reads may wait for a program that waits for this process.
    var room = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&room, 1, 0) > 0 else { return }
    let text = Array(lines.map { "\($0)\n" }.joined().utf8)
    _ = unsafe text.withUnsafeBytes { unsafe write(output, $0.baseAddress, $0.count) }
  }
}
