// SPDX-License-Identifier: Apache-2.0

// Descriptors of another process.
//
// Assumes: the kernel fills no more of the array than its capacity.

import CLinux
import Glibc

/// Copies of the pipes and sockets that a task's execve closes.
///
/// The process at the other end of such a pipe or socket learns from its closing that the task has executed a program, and may then trace
/// it. The copies delay the closing until this process no longer traces it.
struct ClosingConnections {
  private static let capacity = 64

  private let copies: [Int32]
  /// Their numbers in the task.
  private let numbers: [Int32]

  /// Copies those of a thread that waits in execve, except the standard descriptors, as far as that is allowed.
  init(of thread: Int32, in process: Int32) {
    var numbers = [Int32](repeating: 0, count: Self.capacity)
    let count = unsafe numbers.withUnsafeMutableBufferPointer {
      unsafe linux_closing_connections(thread, $0.baseAddress, $0.count)
    }
    let handle = count == 0 ? -1 : linux_process_descriptor(process)
    guard handle >= 0 else {
      (copies, self.numbers) = ([], [])
      return
    }
    let pairs = numbers.prefix(count).map { (number: $0, copy: linux_descriptor_of(handle, $0)) }.filter {
      $0.copy >= 0
    }
    (copies, self.numbers) = (pairs.map { $0.copy }, pairs.map { $0.number })
    linux_close(handle)
  }

  /// Whether the process, which has executed a program meanwhile, has closed one of them, as far as that can be seen.
  func areClosed(in process: Int32) -> Bool {
    zip(numbers, copies).contains { !linux_shares_descriptor(process, $0, getpid(), $1) }
  }

  func close() {
    for copy in copies { linux_close(copy) }
  }
}
