// SPDX-License-Identifier: Apache-2.0

// A file that is open while a program is loaded.
//
// Assumes: no other code uses the descriptor after `open`, and reads write into buffers of the stated size.

import CLinux
import Glibc
import ProcessSupport

/// An open file descriptor, closed with its owner.
struct OpenFile: ~Copyable {
  let descriptor: Int32

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    _ = linux_syscall(linux_call_close, Int(descriptor), 0, 0, 0, 0, 0)
  }

  /// The type and permission bits, and the size in bytes. The corresponding C function is `fstat`.
  func status() throws(Errno) -> (mode: UInt32, size: UInt64) {
    var status = linux_status()
    _ = try unsafe Errno.check(Int(linux_status_of(descriptor, &status)))
    return (status.mode, status.size)
  }

  /// Whether a process has the file open for writing, as far as that can be found out; execve then refuses it with ETXTBSY.
  ///
  /// A lease answers this, which needs CAP_LEASE or the file's owner. Without them execve itself does, if no filter intercepts it
  /// (AT_EXECVE_CHECK, Linux 6.14). The corresponding kernel function is `deny_write_access`.
  var isOpenForWriting: Bool { linux_is_open_for_writing(descriptor) }

  /// At most `count` bytes from `offset`: fewer only at the end of the file. The corresponding C function is `pread`.
  func read(at offset: UInt64, count: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try readOnce(at: offset + UInt64(bytes.count), count: count - bytes.count)
      guard !more.isEmpty else { break }
      bytes += more
    }
    return bytes
  }

  /// All bytes of a file without a size, as those in /proc are.
  func readToEnd() throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = try readOnce(at: UInt64(bytes.count), count: 65536)
      guard !more.isEmpty else { return bytes }
      bytes += more
    }
  }

  private func readOnce(at offset: UInt64, count: Int) throws(Errno) -> [UInt8] {
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      result = retrying {
        linux_syscall(
          linux_call_pread64, Int(descriptor), Int(bitPattern: buffer.baseAddress), count, Int(offset), 0, 0)
      }
      initialized = max(result, 0)
    }
    _ = try Errno.check(result)
    return bytes
  }
}
