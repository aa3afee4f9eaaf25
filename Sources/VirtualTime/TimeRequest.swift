// SPDX-License-Identifier: Apache-2.0

/// A request for the clocks of a session: a specification, and the clocks that it changes.
public struct TimeRequest: Hashable, Sendable {
  public var specification: TimeSpecification
  public var scope: VirtualClock.Scope

  public init(_ specification: TimeSpecification, scope: VirtualClock.Scope = .realtime) {
    self.specification = specification
    self.scope = scope
  }

  /// A request with the usual clocks for a specification. A rate changes how long everything lasts, so it changes all clocks; an offset or
  /// a date changes only dates.
  public init(usual specification: TimeSpecification) {
    self.init(specification, scope: specification.flow.isOtherRate ? .all : .realtime)
  }

  /// The host's own time.
  public static let host = TimeRequest(TimeSpecification())
}
