// SPDX-License-Identifier: Apache-2.0

import CLinux

/// Notice of the host's date being set. The corresponding C function is `timerfd_create`.
public struct DateWatch {
  /// Readable from when the date is set until `wasSet` is asked. It stays open.
  public let descriptor: Int32

  /// Nil if the kernel has none to spare.
  public init?() {
    descriptor = linux_watch_date()
    if descriptor < 0 { return nil }
  }

  /// Whether the date was set since this was last asked.
  public var wasSet: Bool { linux_was_date_set(descriptor) }
}
