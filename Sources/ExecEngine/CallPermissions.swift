// SPDX-License-Identifier: Apache-2.0

// Which system calls filters forbid.
//
// Assumes: names of calls are constant strings.

import CLinux

/// What this process may do under the filters on system calls that it was started under, where some end a process for
/// a call.
///
/// It tries its calls in a child process, if it lives under a filter at all. A call that a filter has fail is one of
/// these only where
/// nothing goes without it.
public struct CallPermissions: Hashable, Sendable {
  /// A call for which it would be ended on the way to a program that another process traces; nil if there is none.
  public private(set) var forbiddenForTracing: String?
  /// The same where this process loads the program itself.
  public private(set) var forbiddenForLoading: String?
  /// The same where it lets others change the time of a session.
  public private(set) var forbiddenForControl: String?
  /// Whether mappings may be sealed. The corresponding C function is `mseal`.
  public private(set) var maySeal = true
  /// Whether it may give up capabilities. The corresponding C functions are `capget` and `capset`.
  private var mayGiveUpRights = true
  /// Whether the kernel may be asked for notice of the date being set. The corresponding C function is `timerfd_create`.
  public private(set) var mayWatchDate = true

  /// Whether a supervisor, a child of this process, couldn't see it: they would be in different pid namespaces. Where
  /// that is so, the
  /// first child, whatever it is for, is the namespace's first process, which ends with it.
  public static let childrenAreElsewhere = linux_children_are_elsewhere()

  /// Those of this process.
  public static let current = CallPermissions()

  /// Whether programs can be given a page at all.
  public var areEnough: Bool { forbiddenForTracing == nil || forbiddenForLoading == nil }

  private init() {
    guard !Self.childrenAreElsewhere, TaskStatus.current?.isFiltered == true, linux_own_calls_are_forbidden() else {
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

  /// Gives up the right to set the machine's clock, for what this process executes too; false where a filter forbids that.
  ///
  /// Where the right could come back by the file of a program, `waivesRights` has all such files give none
  /// (`no_new_privs`). The corresponding C constant is `CAP_SYS_TIME`.
  public func giveUpSettingClock(waivesRights: Bool) -> Bool {
    guard mayGiveUpRights else {
      return TaskStatus.current.map { $0.effectiveCapabilities & Self.settingClock == 0 } ?? false
    }
    if linux_may_set_clock() { linux_give_up_setting_clock(waivesRights) }
    return true
  }
}
