import AuxvLoader
import ExecEngine
import SimulatedKernel
import VirtualTime

extension ClockCall {
  private static let badAddress: Int64 = -14

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
    let memory = ProcessMemory(pid: notice.thread)
    func store(_ bytes: [UInt8], at address: UInt64) -> Bool {
      do throws(TaskError) {
        try memory.write(bytes, at: address)
        return true
      } catch {
        return false
      }
    }
    let address = notice.arguments[destination]
    let mayBeMissing = clock == nil
    if address != 0 || !mayBeMissing {
      guard store(format.bytes(nanoseconds), at: address) else { return .result(Self.badAddress) }
    }
    if isWholeSeconds { return .result(nanoseconds / 1_000_000_000) }
    // gettimeofday's time zone, which is nobody's any more.
    if mayBeMissing, notice.arguments[1] != 0 {
      guard store([UInt8](repeating: 0, count: 8), at: notice.arguments[1]) else { return .result(Self.badAddress) }
    }
    return .result(0)
  }

  private var isWholeSeconds: Bool { format == .seconds32 || format == .seconds64 }
}
