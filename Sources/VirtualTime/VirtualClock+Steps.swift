// SPDX-License-Identifier: Apache-2.0

public import TimePages

extension VirtualClock {
  /// The clocks that take a step at each reading. A page can't serve them, because its readers can't write to it.
  public var steppedClocks: Set<ClockID> {
    guard case .step = request.specification.flow else { return [] }
    return Set(maps.keys.filter(request.scope.contains))
  }

  /// The maps of the clocks that a page can serve.
  public var pageMaps: [ClockID: ClockMap] {
    let stepped = steppedClocks
    return maps.filter { !stepped.contains($0.key) }
  }

  /// The value of clock `id` when the host's is at `reading`. A stepped clock returns one step more than the last reading of any stepped
  /// clock.
  public mutating func read(_ id: ClockID, at reading: Int64) -> Int64 {
    let value = value(of: id, at: reading)
    if case .step(let nanoseconds) = request.specification.flow, request.scope.contains(id) {
      let (sum, overflow) = progress.addingReportingOverflow(nanoseconds)
      progress = overflow ? .max : sum
    }
    return value
  }
}

extension VirtualClock.Scope {
  /// Whether the scope includes clock `id`.
  public func contains(_ id: ClockID) -> Bool {
    id.isDate || (self == .all && id.isMonotonic)
  }
}
