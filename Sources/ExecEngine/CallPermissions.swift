// SPDX-License-Identifier: Apache-2.0

// The system calls that filters forbid.
//
// Assumes: names of calls are constant strings.

import CLinux

/// The features that this process may use under the system call filters that it was started under. Some filters end a process for a call.
///
/// If it is under a filter, it tries its calls in a child process. A call that a filter makes fail counts as forbidden only if demo-loader
/// can't work without it.
public struct CallPermissions: Hashable, Sendable {
  /// A call for which a filter would end this process before another process could trace the program; nil if there is none.
  public private(set) var forbiddenForTracing: String?
  /// The same if this process loads the program itself.
  public private(set) var forbiddenForLoading: String?
  /// The same if the time of the session can be changed.
  public private(set) var forbiddenForControl: String?
  /// Whether mappings may be sealed. The corresponding C function is `mseal`.
  public private(set) var maySeal = true
  /// Whether it may give up capabilities. The corresponding C functions are `capget` and `capset`.
  private var mayGiveUpRights = true
  /// Whether the kernel may notify this process when the date is set. The corresponding C function is `timerfd_create`.
  public private(set) var mayWatchDate = true

  /// Whether a supervisor, as a child of this process, would be in another PID namespace and couldn't see it. The first child is then that
  /// namespace's first process, and the namespace ends with it.
  public static let childrenAreElsewhere = linux_children_are_elsewhere()

  /// The permissions of this process.
  public static let current = CallPermissions()

  /// Whether programs can be given a page at all.
  public var areEnough: Bool { forbiddenForTracing == nil || forbiddenForLoading == nil }

  private init() {
    guard TaskStatus.isOwnFiltered, !Self.childrenAreElsewhere, linux_own_calls_are_forbidden() else {
      return
    }
    for index in 0..<linux_own_call_count where linux_own_call_is_forbidden(index) {
      guard let call = unsafe linux_own_call(index) else { continue }
      let name = unsafe String(cString: call.pointee.name)
      let uses = unsafe UInt32(bitPattern: call.pointee.uses)
      if uses & LINUX_FOR_TRACING.rawValue != 0 { forbiddenForTracing = forbiddenForTracing ?? name }
      if uses & LINUX_FOR_LOADING.rawValue != 0 { forbiddenForLoading = forbiddenForLoading ?? name }
      if uses & LINUX_FOR_CONTROL.rawValue != 0 { forbiddenForControl = forbiddenForControl ?? name }
      if uses & LINUX_FOR_SEALING.rawValue != 0 { maySeal = false }
      if uses & LINUX_FOR_RIGHTS.rawValue != 0 { mayGiveUpRights = false }
      if uses & LINUX_FOR_WATCHING_DATE.rawValue != 0 { mayWatchDate = false }
    }
  }

  /// CAP_SYS_TIME.
  private static let settingClock: UInt64 = 1 << 25

  /// Gives up the right to set the machine's clock, also for programs that this process executes; false if a filter forbids that.
  ///
  /// If the file of a program could give the right back, `waivesRights` sets `no_new_privs`, so that no file gives any. The corresponding C
  /// constant is `CAP_SYS_TIME`.
  public func giveUpSettingClock(waivesRights: Bool) -> Bool {
    guard mayGiveUpRights else {
      return TaskStatus.current.map { $0.effectiveCapabilities & Self.settingClock == 0 } ?? false
    }
    if linux_may_set_clock() { linux_give_up_setting_clock(waivesRights) }
    return true
  }
}
