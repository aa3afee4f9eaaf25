import ExecEngine
import SimulatedKernel
import VirtualTime

extension ClockCall {
  /// What is to be watched of it where clocks of `scope` differ from the host's.
  func watched(_ scope: VirtualClock.Scope) -> [WatchedCall] {
    guard let clock else { return [WatchedCall(interface, number)] }
    return (0..<12).filter { scope.contains(ClockID(rawValue: $0)) }
      .map { WatchedCall(interface, number, where: [.init(argument: clock, value: UInt32($0))]) }
  }

  /// The clock that a call reads.
  func clock(of notice: CallNotice) -> ClockID {
    if let clock { return ClockID(rawValue: Int32(truncatingIfNeeded: notice.arguments[clock])) }
    return isWholeSeconds ? .realtimeCoarse : .realtime
  }

  /// Gives the task a reading as the kernel would.
  func answer(_ notice: CallNotice, _ nanoseconds: Int64) -> CallAnswer {
    let address = notice.arguments[destination]
    let mayBeMissing = clock == nil
    if address != 0 || !mayBeMissing {
      if let failure = notice.store(format.bytes(nanoseconds), at: address) { return failure }
    }
    if isWholeSeconds { return .result(nanoseconds / 1_000_000_000) }
    // gettimeofday's time zone, which is nobody's any more.
    if mayBeMissing, notice.arguments[1] != 0 {
      if let failure = notice.store([UInt8](repeating: 0, count: 8), at: notice.arguments[1]) { return failure }
    }
    return .result(0)
  }

  private var isWholeSeconds: Bool { format == .seconds32 || format == .seconds64 }
}
