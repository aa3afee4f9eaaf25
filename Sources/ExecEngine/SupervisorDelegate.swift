// SPDX-License-Identifier: Apache-2.0

/// What a supervisor process does for the programs of a session while it waits for their end. A subclass overrides what it takes.
///
/// A class, because Embedded Swift has no values of protocol type.
open class SupervisorDelegate {
  public init() {}

  /// Milliseconds until the time page is to be refreshed; nil for a page that needs no refreshing.
  open var interval: Int32? { nil }
  /// Milliseconds until `refresh` is due once more; nil if it isn't, apart from the interval.
  open var patience: Int32? { nil }
  /// What `serve` is to be called for when it becomes readable.
  open var descriptors: [Int32] { [] }
  /// Descriptors that stay open too.
  open var kept: [Int32] { [] }
  /// Whether `programEnded` is to be called, where the first program's end isn't the session's end. A new standby is made then: it doesn't
  /// get what is closed there.
  open var waitsForProgram: Bool { false }

  /// Called once, by the supervisor, with whether it intercepts system calls.
  open func begin(interceptsCalls: Bool) {}
  /// Called after `begin` by a supervisor that takes the place of another one.
  open func takeOver() {}
  /// Publishes a new state of the time page.
  open func refresh() {}
  /// Takes what has arrived at `descriptors`.
  open func serve() {}
  /// Called once the first program has ended.
  open func programEnded() {}
  /// Called once the session has ended.
  open func end() {}
}
