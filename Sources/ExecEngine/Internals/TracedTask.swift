// SPDX-License-Identifier: Apache-2.0

// The tracing calls for one task.
//
// Assumes: arrays of arguments have six words, as every notification has; the kernel fills the register structure that it is given and no
// more. The kernel checks which calls are allowed at which time: a task that is gone or running gives ESRCH.

package import CLinux
package import ProcessSupport

/// A thread that this process traces or is about to trace. The corresponding C function is `ptrace`.
package struct TracedTask: Hashable {
  /// The thread's id in this process's pid namespace.
  package let id: Int32

  package init(id: Int32) {
    self.id = id
  }

  /// Attaches without stopping the task. It stops inside each execve that succeeds.
  func seize() throws(SystemError) {
    try check(linux_trace_seize(id), "trace process \(id)")
  }

  /// Attaches without stopping the task, and distinguishes its stops at system calls from others.
  ///
  /// With `suspendsFilters`, no filter applies to it until it is detached.
  package func seizeForCalls(suspendsFilters: Bool) throws(SystemError) {
    try check(linux_trace_seize_for_calls(id, suspendsFilters), "trace process \(id)")
  }

  /// Lets the stopped task run to the beginning or the end of a system call, with `signal` unless 0.
  package func resumeToCall(delivering signal: Int32 = 0) throws(SystemError) {
    try check(linux_trace_to_call(id, signal), "continue process \(id)")
  }

  /// Makes the task stop when it next returns to user mode: at the end of its system call, if it is in one.
  package func interrupt() throws(SystemError) {
    try check(linux_trace_interrupt(id), "stop process \(id)")
  }

  /// Lets the stopped task run, with `signal` unless 0.
  package func resume(delivering signal: Int32 = 0) throws(SystemError) {
    try check(linux_trace_continue(id, signal), "continue process \(id)")
  }

  /// Leaves the task in its group stop.
  func stayStopped() throws(SystemError) {
    try check(linux_trace_listen(id), "leave process \(id) stopped")
  }

  /// Continues the task after a stop that needs no handling. It is no error if the task is gone.
  func pass(_ stop: StopStatus) {
    switch stop {
    case .ended: break
    case .groupStop: try? stayStopped()
    case .signal(let number): try? resume(delivering: number)
    case .exec, .interrupted, .call: try? resume()
    }
  }

  /// Detaches from the stopped task and lets it run. It is no error if the task is gone.
  package func detach(delivering signal: Int32 = 0) {
    _ = linux_trace_detach_with(id, signal)
  }

  package func registers() throws(SystemError) -> linux_registers {
    var registers = linux_registers()
    try check(unsafe linux_trace_registers(id, &registers), "read the registers of process \(id)")
    return registers
  }

  package func setRegisters(_ registers: linux_registers) throws(SystemError) {
    var registers = registers
    try check(unsafe linux_trace_set_registers(id, &registers), "write the registers of process \(id)")
  }

  /// The blocked signals, bit 0 for signal 1.
  package func signalMask() throws(SystemError) -> UInt64 {
    var mask: UInt64 = 0
    try check(unsafe linux_trace_signal_mask(id, &mask), "read the signal mask of process \(id)")
    return mask
  }

  package func setSignalMask(_ mask: UInt64) throws(SystemError) {
    try check(linux_trace_set_signal_mask(id, mask), "write the signal mask of process \(id)")
  }

  /// Suspends the filters of the stopped task until it is detached.
  func suspendFilters() throws(SystemError) {
    try check(linux_trace_suspend_filters(id), "suspend the filters of process \(id)")
  }

  /// Whether the stopped task has more filters than `count`, the number of those of a session's tasks; false if either number is unknown.
  func hasFilters(beyond count: Int?) -> Bool {
    guard let count else { return false }
    let answer = linux_trace_has_filter(id, UInt64(count))
    return answer < 0 ? TaskStatus(of: id)?.hasFilters(beyond: count) != false : answer == 1
  }

  /// Writes `bytes`, whole words, at `address`, also into read-only memory. Below the stack, the stack grows, up to this process's limit.
  func overwrite(_ bytes: [UInt8], at address: UInt64) throws(SystemError) {
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      let word = bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      try check(
        linux_trace_write_word(id, address + UInt64(offset), word), "write to the memory of process \(id)")
    }
  }

  private func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) {
    guard result < 0 else { return }
    throw SystemError(operation(), errno: Errno(result: result))
  }
}

extension linux_registers {
  package var stackPointer: UInt64 { unsafe withUnsafePointer(to: self) { unsafe linux_stack_pointer($0) } }
  package var is32Bit: Bool { unsafe withUnsafePointer(to: self) { unsafe linux_is_32bit($0) } }

  /// The result of the call that has just ended.
  package var result: Int64 { unsafe withUnsafePointer(to: self) { unsafe linux_result($0) } }

  /// Makes the task execute a call by the instruction that lies `distance` bytes before it.
  mutating func callAgain(_ distance: UInt32, _ number: UInt32, _ arguments: [UInt64]) {
    unsafe arguments.withUnsafeBufferPointer {
      unsafe linux_call_again(&self, distance, UInt64(number), $0.baseAddress)
    }
  }

  /// Makes the call that has just ended look as if it had been another one, with a result.
  mutating func endCall(result: Int64, number: UInt32, arguments: [UInt64]) {
    unsafe arguments.withUnsafeBufferPointer { unsafe linux_end_call(&self, result, UInt64(number), $0.baseAddress) }
  }

  /// The position in its list of calls of a task that works through one.
  var listPosition: UInt64 { unsafe withUnsafePointer(to: self) { unsafe linux_injected_calls_position($0) } }

  /// The registers that an execve which is about to return will leave.
  var atProgramsStart: linux_registers {
    var result = self
    unsafe linux_end_injected_calls(&result)
    return result
  }

  /// The same registers, changed so that the task works through the list at `list` by the code at `code`.
  func working(through list: UInt64, by code: UInt64) -> linux_registers {
    var result = self
    unsafe linux_start_injected_calls(&result, code, list)
    return result
  }
}
