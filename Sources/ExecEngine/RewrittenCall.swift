// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ProcessSupport

/// A system call that a waiting thread makes instead of its own call.
///
/// It proceeds by stops of the traced thread, which the supervisor passes to `advance`. The thread's own call ends without being made. When
/// it returns, the thread is put back onto the call's instruction, with other registers, and after the second call the registers are
/// restored. If a signal comes in between, they are restored too, and the thread makes its own call again, as if the signal had come before
/// it. If only the result of the thread's own call must be changed, the thread makes that call at once, and stops once, behind it.
struct RewrittenCall {
  private enum Phase {
    /// The thread's own call is answered but has not returned.
    case answered
    /// The same, and the call was made.
    case made
    /// The thread is about to make the other call.
    case entering
    /// The thread makes the other call.
    case making
  }

  /// A function that calls no other may use this much memory below the stack pointer. No signal comes before the memory below that was
  /// used.
  private static let reservedBytes: UInt64 = 128

  // The kernel's results of a call that was interrupted: EINTR, and the numbers of calls that it restarts.
  private static let interrupted: Set<Int64> = [-4, -512, -513, -514, -516]

  private let thread: TracedTask
  private let notification: CallNotification
  private let replacement: CallRewrite
  private var phase = Phase.answered
  /// Whether the thread is to be let go, and to make its own call again.
  private var isLeaving = false
  /// The addresses of the replacement's memory.
  private var places: [UInt64] = []

  /// Begins at a notification. Nil if the thread can't be traced; then nothing has happened.
  ///
  /// A filter of the task's own, in addition to the session's `sessionsFilters`, may allow the original call and not the other one.
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

  /// Whether a thread that waits in a call waits in the replacement.
  var isMaking: Bool { phase == .making }

  /// Has the thread stop and make its own call again, which then waits for the supervisor.
  mutating func leave() {
    isLeaving = true
    try? thread.interrupt()
  }

  /// Takes the next step at a stop. Returns true when it is over and the thread is no longer traced.
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
    case (.answered, .interrupted) where isLeaving:
      try callAgain(notification.number, notification.arguments)
      thread.detach()
      return true
    case (.made, .interrupted) where isLeaving:
      try resumeEndedCall()
      thread.detach()
      return true
    case (.made, .interrupted):
      // Our own stop may have interrupted the call.
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
      if isLeaving { try resumeEndedCall() }
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
        // There is no space, so the thread makes its own call.
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

  /// Has a call be made again that our stop alone has ended.
  private func resumeEndedCall() throws(SystemError) {
    var registers = try thread.registers()
    if unsafe linux_resume_ended_call(&registers) { try thread.setRegisters(registers) }
  }

  /// Handles the end of the call.
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
