// SPDX-License-Identifier: Apache-2.0

// Writing to the memory of a traced process.
//
// Assumes: process_vm_writev reads no more than the length of the local buffer, and writes only to memory that the process itself could
// write.

public import AuxvLoader
import CLinux
public import ProcessSupport

extension ProcessMemory {
  /// Writes `bytes` at `address`, which the process must be able to write itself. The corresponding C function is `process_vm_writev`.
  public func write(_ bytes: [UInt8], at address: UInt64) throws(SystemError) {
    let result = unsafe bytes.withUnsafeBytes { buffer in
      unsafe linux_write_memory(pid, address, buffer.baseAddress, buffer.count)
    }
    guard result == 0 else { throw SystemError("write to the memory of process \(pid)", errno: Errno(result: result)) }
  }

  /// Reads all `count` bytes from `address` on.
  func read(_ count: Int, at address: UInt64) throws(SystemError) -> [UInt8] {
    let result = bytes(at: address, count: count)
    // Part of it is not mapped, or the program may not be read.
    guard result.count == count else { throw SystemError("read the memory of process \(pid)", errno: .badAddress) }
    return result
  }
}
