// SPDX-License-Identifier: Apache-2.0

// A file in memory.
//
// Assumes nothing: this code maps no memory.

import CLinux
import Glibc
import LinuxTypes

/// A file in memory that can be sealed. A sealed file can be changed only through a writable mapping that was made before.
///
/// The seal refuses later writable mappings and write(2), also through the file opened again below /proc. A read-only mapping of the file
/// can't be written through /proc/PID/mem or by a tracer either, unlike private memory. A class, so that code compiled as Embedded Swift
/// can own one across modules.
package final class MemoryFile {
  /// Owned by the value and closed on exec.
  package let descriptor: Int32

  /// Makes a file of `byteCount` zeros.
  package init(_ name: String, byteCount: Int) throws(SystemError) {
    descriptor = unsafe linux_memory_file(name)
    guard descriptor >= 0 else { throw SystemError("create the memory file \(name)", errno: .current) }
    guard linux_may_write_files(0, UInt64(byteCount)) else {
      throw SystemError("make the memory file \(name) within the limit of ulimit -f", errno: .fileTooLarge)
    }
    let descriptor = descriptor
    do throws(Errno) {
      _ = try Errno.check(retryingLibc { Int(ftruncate(descriptor, byteCount)) })
    } catch {
      throw SystemError("size the memory file \(name)", errno: error)
    }
  }

  /// Makes a sealed file of these bytes.
  package static func sealed(_ name: String, _ bytes: [UInt8]) throws(SystemError) -> MemoryFile {
    let file = try MemoryFile(name, byteCount: bytes.count)
    let descriptor = file.descriptor
    let count = unsafe bytes.withUnsafeBytes { bytes in
      retryingLibc { unsafe write(descriptor, bytes.baseAddress, bytes.count) }
    }
    guard count == bytes.count else {
      throw SystemError("write the memory file \(name)", errno: count < 0 ? Errno(result: count) : .noSpace)
    }
    try file.seal()
    return file
  }

  package func seal() throws(SystemError) {
    guard fcntl(descriptor, Int32(LINUX_F_ADD_SEALS), Int32(LINUX_SEALS)) == 0 else {
      throw SystemError("seal a memory file", errno: .current)
    }
  }

  deinit {
    close(descriptor)
  }
}
