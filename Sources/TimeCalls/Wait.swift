// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ExecEngine
import TimePages
import VirtualTime

/// A call that waits for a time, and its replacement by the host's clock.
struct Wait {
  // The kernel's results of a call that a signal has interrupted: EINTR, and the numbers of calls that it restarts.
  private static let interrupted: Set<Int64> = [-4, -512, -513, -514, -516]

  private let notification: CallNotification
  private let call: WaitingCall
  private let clock: VirtualClock
  private let id: ClockID
  private let isPoint: Bool
  private let memory: ProcessMemory

  init(_ notification: CallNotification, _ call: WaitingCall, clock: VirtualClock, id: ClockID, isPoint: Bool) {
    (self.notification, self.call, self.clock, self.id, self.isPoint) = (notification, call, clock, id, isPoint)
    memory = ProcessMemory(pid: notification.thread)
  }

  /// The call with the host's time; nil if that is the same time, or the kernel will refuse the call.
  var replacement: CallRewrite? {
    switch call.form {
    case .pointed(let format): pointed(format)
    case .updated(let format): pointed(format).map { updating($0, format) }
    case .timer(let format): timer(format)
    case .returned(let format): returned(format)
    case .milliseconds: milliseconds
    case .alarm(let format, let setitimer): alarm(format, setitimer)
    }
  }

  private var argument: UInt64 { notification.arguments[call.argument] }

  private func host(_ time: Int64, isPoint: Bool) -> Int64 {
    isPoint
      ? clock.hostDeadline(time, on: id, at: HostClock.read(id).nanosecondsSinceEpoch)
      : clock.hostDuration(time, on: id)
  }

  private func time(_ format: TimeFormat, at address: UInt64) -> Int64? {
    format.nanoseconds(memory.bytes(at: address, count: format.byteCount)[...])
  }

  /// Stores a span of the host's clock at `address` as a span of the session's clock.
  private func store(host span: Int64, _ format: TimeFormat, at address: UInt64) {
    try? memory.write(format.bytes(clock.duration(ofHost: span, on: id)), at: address)
  }

  private func pointed(_ format: TimeFormat) -> CallRewrite? {
    guard let time = time(format, at: argument) else { return nil }
    let host = host(time, isPoint: isPoint)
    guard host != time else { return nil }
    var result = CallRewrite(notification)
    result.memory = [(call.argument, format.bytes(host, roundingUp: true))]
    if let rest = call.rest, notification.arguments[rest] != 0, !isPoint {
      let address = notification.arguments[rest]
      result.finish = { result, _ in
        if Self.interrupted.contains(result), let left = self.time(format, at: address) {
          self.store(host: left, format, at: address)
        }
        return result
      }
    }
    return result
  }

  private func updating(_ replacement: CallRewrite, _ format: TimeFormat) -> CallRewrite {
    var replacement = replacement
    let address = argument
    replacement.finish = { result, memory in
      if let left = format.nanoseconds(memory[0][...]) { self.store(host: left, format, at: address) }
      return result
    }
    return replacement
  }

  private func timer(_ format: TimeFormat) -> CallRewrite? {
    let size = format.byteCount
    let bytes = memory.bytes(at: argument, count: 2 * size)
    guard bytes.count == 2 * size, let interval = format.nanoseconds(bytes[..<size]),
      let value = format.nanoseconds(bytes[size...])
    else { return nil }
    // A value of 0 stops the timer, so no other value may become 0.
    let hostValue = value == 0 ? 0 : max(1, host(value, isPoint: isPoint))
    let hostInterval = host(interval, isPoint: false)
    let isOther = hostValue != value || hostInterval != interval
    let old = notification.arguments[call.argument + 1]
    guard isOther || old != 0 else { return nil }
    var result = old == 0 ? CallRewrite(notification) : storing(format, at: old)
    if isOther {
      result.memory = [
        (call.argument, format.bytes(hostInterval, roundingUp: true) + format.bytes(hostValue, roundingUp: true))
      ]
    }
    return result
  }

  private func returned(_ format: TimeFormat) -> CallRewrite { storing(format, at: argument) }

  /// The call after which the interval and the time left of a timer, which the kernel stores at `address`, are converted to the session's
  /// time.
  private func storing(_ format: TimeFormat, at address: UInt64) -> CallRewrite {
    var result = CallRewrite(notification)
    result.finish = { result, _ in
      if result == 0 {
        for place in [address, address &+ UInt64(format.byteCount)] {
          if let left = self.time(format, at: place) { self.store(host: left, format, at: place) }
        }
      }
      return result
    }
    return result
  }

  private var milliseconds: CallRewrite? {
    let value = Int32(truncatingIfNeeded: argument)
    guard value > 0 else { return nil }
    let host = host(Int64(value) * 1_000_000, isPoint: false)
    let rounded = Int32(clamping: (host + 999_999) / 1_000_000)
    guard rounded != value else { return nil }
    var result = CallRewrite(notification)
    result.arguments[call.argument] = UInt64(rounded)
    return result
  }

  private func alarm(_ format: TimeFormat, _ setitimer: UInt32) -> CallRewrite? {
    let span = Int64(UInt32(truncatingIfNeeded: argument)) * 1_000_000_000
    let host = host(span, isPoint: false)
    // The time left of the old alarm is returned also if the new alarm is 0.
    var result = CallRewrite(notification)
    let zero = [UInt8](repeating: 0, count: format.byteCount)
    result.number = setitimer
    result.arguments = [0, 0, 0, 0, 0, 0]
    result.memory = [(1, zero + format.bytes(host, roundingUp: true)), (2, zero + zero)]
    result.finish = { result, memory in
      guard result == 0, let left = format.nanoseconds(memory[1][format.byteCount...]) else { return result }
      let nanoseconds = self.clock.duration(ofHost: left, on: self.id)
      // Rounded as the kernel does: the result is 0 only if no alarm was set.
      return nanoseconds == 0 ? 0 : max(1, (nanoseconds + 500_000_000) / 1_000_000_000)
    }
    return result
  }
}
