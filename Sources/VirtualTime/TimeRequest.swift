/// What is asked for of the clocks of a session: a specification, and which clocks it is for.
public struct TimeRequest: Hashable, Sendable {
  public var specification: TimeSpecification
  public var scope: VirtualClock.Scope

  public init(_ specification: TimeSpecification, scope: VirtualClock.Scope = .realtime) {
    self.specification = specification
    self.scope = scope
  }

  /// The host's own time.
  public static let host = TimeRequest(TimeSpecification())
}
