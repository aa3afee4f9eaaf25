// SPDX-License-Identifier: Apache-2.0

// The descriptors of a supervisor process.
//
// Assumes that nothing in the process uses a descriptor that isn't in the list. Structures handed to the kernel are local
// variables that live through the call.

import CLinux
import Glibc

/// The descriptors that a supervisor process keeps open and waits for.
package enum SupervisorDescriptors {
  /// Closes all other descriptors, and redirects the standard ones to /dev/null or, if there is none, to a new pipe: if a supervisor kept
  /// another pipe open, that pipe's reader would wait forever.
  package static func keep(_ kept: [Int32]) {
    var null = Int32(retryingLibc { Int(unsafe open("/dev/null", O_RDWR)) })
    var ends: [Int32] = [-1, -1]
    if null < 0, unsafe pipe(&ends) == 0 { null = ends[0] }
    for descriptor in 0...2 as ClosedRange<Int32> where null >= 0 && !kept.contains(descriptor) {
      _ = retryingLibc { Int(dup2(null, descriptor)) }
    }
    var next: UInt32 = 3
    for descriptor in kept.sorted() where descriptor >= 3 {
      if UInt32(descriptor) > next { linux_close_range(next, UInt32(descriptor) - 1) }
      next = UInt32(descriptor) + 1
    }
    linux_close_range(next, .max)
  }

  /// Waits until one of them becomes readable, for at most `timeout` milliseconds unless that is nil. Returns the events of each; a
  /// descriptor below 0 has none. The corresponding C function is `poll`.
  package static func wait(for descriptors: [Int32], _ timeout: Int32?) -> [Int32] {
    var list = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let count = retryingLibc { Int(unsafe poll(&list, nfds_t(list.count), timeout ?? -1)) }
    guard count > 0 else { return descriptors.map { _ in 0 } }
    return list.map { Int32($0.revents) }
  }
}
