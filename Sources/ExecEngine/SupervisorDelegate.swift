// SPDX-License-Identifier: Apache-2.0

/// What a supervisor process does for the programs of a session while it waits for their end.
public struct SupervisorDelegate {
  /// Milliseconds from one refreshing of the time page to the next; nil for a page that needs none.
  public var interval: Int32?
  /// Called once, by the supervisor, with whether it intercepts system calls.
  public var begin: (_ hearsCalls: Bool) -> Void
  /// Called after `begin` by a supervisor that takes the place of another one.
  public var takeOver: () -> Void
  /// Publishes a new state of the time page.
  public var refresh: () -> Void
  /// Milliseconds until `refresh` is due once more; nil if it isn't, apart from the interval.
  public var pending: () -> Int32? = { nil }
  /// What `serve` is to be called for when it becomes readable.
  public var descriptors: () -> [Int32]
  /// Takes what has arrived there.
  public var serve: () -> Void
  /// Descriptors that stay open too.
  public var kept: [Int32] = []
  /// Called once the first program has ended, where that isn't the session's end. A new standby is made then: it doesn't get
  /// what is closed there.
  public var programEnded: (() -> Void)?
  /// Called once the session has ended.
  public var end: () -> Void

  public init(
    interval: Int32?, begin: @escaping (_ hearsCalls: Bool) -> Void, takeOver: @escaping () -> Void = {},
    refresh: @escaping () -> Void,
    descriptors: @escaping () -> [Int32],
    serve: @escaping () -> Void, end: @escaping () -> Void
  ) {
    self.interval = interval
    self.begin = begin
    self.takeOver = takeOver
    self.refresh = refresh
    self.descriptors = descriptors
    self.serve = serve
    self.end = end
  }
}
