// SPDX-License-Identifier: Apache-2.0

// Memory of a process, this one included, through the kernel: a bad address is an error, not a signal.
//
// Assumes: process_vm_readv writes no more than the length of the local buffer.

internal import CLinux

/// The memory of a running process. Every address is safe to try. The corresponding C function is `process_vm_readv`.
public struct ProcessMemory: ReadableMemory, Sendable {
  public let pid: Int32

  /// Memory of a process that the caller may trace (`PTRACE_MODE_ATTACH_REALCREDS`).
  public init(pid: Int32) {
    self.pid = pid
  }

  /// At most `count` bytes from `address`: fewer where the readable memory ends, none where the address is bad.
  public func bytes(at address: UInt64, count: Int) -> [UInt8] {
    // SAFETY: the buffer is the new array's own, of `count` bytes.
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = unsafe max(0, Int(linux_read_memory(pid, address, buffer.baseAddress, count)))
    }
  }

  /// Why the byte at `address` cannot be read, or nil if it can: an error number, 1 (EPERM) for a process that the
  /// caller may not trace, 14 (EFAULT) for a bad address.
  public func failure(at address: UInt64) -> Int32? {
    var byte: UInt8 = 0
    let result = unsafe linux_read_memory(pid, address, &byte, 1)
    return result < 0 ? Int32(truncatingIfNeeded: -result) : nil
  }
}

extension ReadableMemory where Self == ProcessMemory {
  /// Memory of this process.
  public static var own: ProcessMemory { ProcessMemory(pid: linux_getpid()) }
}

/// Memory in which every address is safe to try: a running process's, or what a core file keeps of one.
public protocol ReadableMemory: ~Copyable {
  /// At most `count` bytes from `address`: fewer where the readable memory ends, none where the address is bad.
  func bytes(at address: UInt64, count: Int) -> [UInt8]
}

extension ReadableMemory where Self: ~Copyable {
  /// The string at `address` without its null, or nil if it is unreadable or longer than `limit` bytes.
  public func string(at address: UInt64, limit: Int = 4096) -> [UInt8]? {
    let bytes = bytes(at: address, count: limit)
    guard let end = bytes.firstIndex(of: 0) else { return nil }
    return Array(bytes[..<end])
  }
}
