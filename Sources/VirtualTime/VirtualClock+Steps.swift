// SPDX-License-Identifier: Apache-2.0

public import TimePages

extension VirtualClock {
  /// The clocks that go on by a step at each reading: a page can't serve them, because its readers can't write there.
  public var steppedClocks: Set<ClockID> {
    guard case .step = request.specification.flow else { return [] }
    return Set(maps.keys.filter(request.scope.contains))
  }

  /// The maps of the clocks that a page can serve.
  public var pageMaps: [ClockID: ClockMap] {
    let stepped = steppedClocks
    return maps.filter { !stepped.contains($0.key) }
  }

  /// What clock `id` returns when the host's is at `reading`: if it is stepped, one step more than at the last reading
  /// of any stepped clock.
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
  /// Whether clock `id` is one of them.
  public func contains(_ id: ClockID) -> Bool {
    id.isDate || (self == .all && id.isMonotonic)
  }
}
