// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ProcessSupport

/// The making of one system call in the place of another, by a thread that waits in that.
///
/// A sequence of stops of a traced thread: the supervisor passes each to `advance`. The thread's first call ends without being
/// made; at its return it is put back onto the instruction, with other registers; at the end of the call they are as they were.
/// Where a signal comes in between, they are too, and the thread makes its own call again, as if the signal had come before it.
/// A call whose end alone is of interest the thread makes at once, and there is one stop, behind it.
struct RewrittenCall {
  private enum Phase {
    /// The thread's own call is over, and has not returned.
    case answered
    /// The same, and it was made.
    case made
    /// The thread is about to make the other.
    case entering
    /// It makes it.
    case making
  }

  /// Below the stack pointer lies what a function that calls none may use; no signal comes in time to use what is below that.
  private static let reservedBytes: UInt64 = 128

  // What the kernel returns where the call was cut short: EINTR, and its own numbers for those that it restarts.
  private static let interrupted: Set<Int64> = [-4, -512, -513, -514, -516]

  private let thread: TracedTask
  private let notification: CallNotification
  private let replacement: CallRewrite
  private var phase = Phase.answered
  /// Where the replacement's memory is.
  private var places: [UInt64] = []

  /// Begins at a notification; nil, and nothing has happened, where the thread can't be traced.
  ///
  /// A filter of the task's own, beyond the session's `sessionsFilters`, may know the call and not the other.
  init?(
    _ notification: CallNotification, _ replacement: CallRewrite, _ listener: CallListener, sessionsFilters: Int?
  ) {
    thread = TracedTask(id: notification.thread)
    self.notification = notification
    self.replacement = replacement
    do throws(SystemError) {
      guard notification.thread != 0 else { return nil }
      let isOther = replacement.number != notification.number
      try thread.seizeForCalls(
        suspendsFilters: isOther && TaskStatus(of: notification.thread)?.hasFilters(beyond: sessionsFilters) ?? true)
    } catch {
      return nil
    }
    try? thread.interrupt()
    let isMade = replacement.isCall(notification)
    if isMade { phase = .made }
    listener.answer(notification, isMade ? .proceed : .result(0))
  }

  /// Whether the thread, when it waits in a call, waits in the replacement.
  var isMaking: Bool { phase == .making }

  /// Takes the next step at a stop; true once it is over, and the thread no longer traced.
  mutating func advance(_ stop: StopStatus) -> Bool {
    do throws(SystemError) {
      return try step(stop)
    } catch {
      thread.detach()
      return true
    }
  }

  private mutating func step(_ stop: StopStatus) throws(SystemError) -> Bool {
    switch (phase, stop) {
    case (_, .ended): return true
    case (_, .groupStop): try thread.stayStopped()
    case (.made, .interrupted):
      // Our own stop may be what has cut it short.
      if try Self.interrupted.contains(thread.registers().result) {
        phase = .answered
        return try step(stop)
      }
      try finish()
      thread.detach()
      return true
    case (.made, .signal(let number)):
      try finish()
      thread.detach(delivering: number)
      return true
    case (.answered, .interrupted):
      try enter()
      phase = .entering
      try thread.resumeToCall()
    case (.entering, .call):
      phase = .making
      try thread.resumeToCall()
    case (.making, .call):
      try finish()
      thread.detach()
      return true
    case (.answered, .signal(let number)), (.entering, .signal(let number)):
      try callAgain(notification.number, notification.arguments)
      thread.detach(delivering: number)
      return true
    default: try thread.resumeToCall()
    }
    return false
  }

  private mutating func enter() throws(SystemError) {
    let memory = ProcessMemory(pid: thread.id)
    var place = try thread.registers().stackPointer - Self.reservedBytes
    var arguments = replacement.arguments
    for (argument, bytes) in replacement.memory {
      place = (place - UInt64(bytes.count)) & ~15
      places.append(place)
      arguments[argument] = place
      do throws(SystemError) {
        try memory.write(bytes, at: place)
      } catch {
        // No room: its own call after all.
        places = []
        return try callAgain(notification.number, notification.arguments)
      }
    }
    try callAgain(replacement.number, arguments)
  }

  private func callAgain(_ number: UInt32, _ arguments: [UInt64]) throws(SystemError) {
    var registers = try thread.registers()
    registers.callAgain(phase == .entering ? 0 : UInt32(LINUX_CALL_INSTRUCTION_SIZE), number, arguments)
    try thread.setRegisters(registers)
  }

  /// At the end of the call.
  private func finish() throws(SystemError) {
    var registers = try thread.registers()
    if phase == .made {
      let result = replacement.finish(registers.result, [])
      guard result != registers.result else { return }
      registers.endCall(result: result, number: notification.number, arguments: notification.arguments)
      return try thread.setRegisters(registers)
    }
    if places.count == replacement.memory.count {
      let memory = ProcessMemory(pid: thread.id)
      var contents: [[UInt8]] = []
      for (index, place) in places.enumerated() {
        contents.append(memory.bytes(at: place, count: replacement.memory[index].bytes.count))
      }
      registers.endCall(
        result: replacement.finish(registers.result, contents), number: notification.number,
        arguments: notification.arguments)
    }
    try thread.setRegisters(registers)
  }
}
