// SPDX-License-Identifier: Apache-2.0

// Priority while threads are stopped.
//
// Assumes that this process has one thread.

import CLinux
import TimePages

/// The priority of this process while it keeps threads of another one stopped.
///
/// A thread stops only once a processor executes it, and so do injected calls. So the threads get this priority, too, until they have stopped.
enum Urgency {
  /// The nanoseconds for which one thread has it at a time.
  private static let share: Int64 = 40_000

  static func begin() { linux_begin_urgency(HostClock.uptime) }

  static func end() { linux_end_urgency() }

  /// Waits while a thread runs with this process's priority; false at once if this process has none.
  static func lend(to thread: Int32) -> Bool { linux_lend_priority(thread, HostClock.uptime + share) }
}
