// SPDX-License-Identifier: Apache-2.0

/// The work of a supervisor process for a session's programs, besides the injection of pages. A subclass overrides the parts that it needs.
///
/// A class, because Embedded Swift has no values of protocol type.
open class SupervisorDelegate {
  public init() {}

  /// Milliseconds between two refreshes of the time page; nil for a page that needs none.
  open var interval: Int32? { nil }
  /// Milliseconds until one further `refresh` is due, apart from the interval; nil if none is.
  open var patience: Int32? { nil }
  /// The descriptors for which `serve` is called when one becomes readable.
  open var descriptors: [Int32] { [] }
  /// Further descriptors that stay open.
  open var kept: [Int32] { [] }
  /// Whether `programEnded` must be called if the first program ends before the session does. A new standby is started then, without the
  /// descriptors that are closed there.
  open var waitsForProgram: Bool { false }

  /// Called once, by the supervisor. `interceptsCalls` says whether it intercepts system calls.
  open func begin(interceptsCalls: Bool) {}
  /// Called after `begin` by a supervisor that takes the place of another one.
  open func takeOver() {}
  /// Publishes a new state of the time page.
  open func refresh() {}
  /// Handles data that has arrived at `descriptors`. Returns whether a standby, which is a copy of this process, must be replaced to know
  /// what has changed.
  open func serve() -> Bool { false }
  /// Called once the first program has ended.
  open func programEnded() {}
  /// Called once the session has ended.
  open func end() {}
}
