// SPDX-License-Identifier: Apache-2.0

// Where the bytes of a vector come from: the kernel, and /proc.
//
// Assumes: the kernel writes no more into a buffer than the size that it is given.

internal import CLinux
import ELF

extension AuxiliaryVector {
  /// Twice the size of any architecture's vector today. The kernel returns the full size, so a longer vector is detected.
  private static let firstCapacity = 1024

  static func bytesFromKernel(capacity: Int = firstCapacity) throws(AuxvError) -> [UInt8] {
    var size: Int64 = 0
    // SAFETY: the buffer is the new array's own, of `capacity` bytes.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      unsafe size = linux_copy_auxv(buffer.baseAddress, capacity)
      count = max(0, min(capacity, Int(size)))
    }
    guard size >= 0 else { throw .system(.kernel, errno: Errno(result: size)) }
    return size > capacity ? try bytesFromKernel(capacity: Int(size)) : bytes
  }

  static func bytesFromProcfs(path: String) throws(AuxvError) -> [UInt8] {
    // SAFETY: the path is null-terminated for the length of the call.
    let file = unsafe path.withCString { name in unsafe linux_open_for_reading(name) }
    guard file >= 0 else { throw .system(.procfs, errno: Errno(result: file)) }
    defer { linux_close(file) }
    var bytes: [UInt8] = []
    while true {
      let chunk = try read(file, at: bytes.count)
      guard !chunk.isEmpty else { return bytes }
      bytes += chunk
    }
  }

  private static func read(_ file: Int32, at offset: Int) throws(AuxvError) -> [UInt8] {
    var result: Int64 = 0
    // SAFETY: the buffer is the new array's own, of `firstCapacity` bytes.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: firstCapacity) { buffer, count in
      unsafe result = linux_read_at(file, buffer.baseAddress, firstCapacity, Int64(offset))
      count = max(0, Int(result))
    }
    guard result >= 0 else { throw .system(.procfs, errno: Errno(result: result)) }
    return bytes
  }
}
