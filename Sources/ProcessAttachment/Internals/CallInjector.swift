// SPDX-License-Identifier: Apache-2.0

// Injects system calls into a stopped thread.
//
// Assumes: the stub fits the buffer that its capacity asks for; arguments are six words, as the calls have them.

import AuxvLoader
import CLinux
import ELF
import ExecEngine
import Glibc
import ProcessSupport
import TimePages

/// Makes system calls in a stopped thread, one by one, through code in a gap of its vDSO image.
///
/// If this process ends meanwhile, the thread finishes its current call and then continues unchanged: the code ends that way.
struct CallInjector {
  private let task: TracedTask
  /// The thread's registers when it stopped.
  private let registers: linux_registers
  private let mask: UInt64
  private let site: CallSite
  private let saved: [UInt8]

  var numbers: CallNumbers { site.numbers }
  private var stub: UInt64 { site.gap.lowerBound }

  /// Begins with a thread that stopped with no signal.
  init(_ task: TracedTask, _ site: CallSite) throws(AttachError) {
    self.task = task
    let registers = try attempt { () throws(SystemError) in try task.registers() }
    let mask = try attempt { () throws(SystemError) in try task.signalMask() }
    guard registers.is32Bit == (site.width == .bits32) else {
      throw AttachError(
        "process \(task.id) can't be made to map pages while it executes \(registers.is32Bit ? 32 : 64)-bit code: try again"
      )
    }
    let place = site.gap.lowerBound
    let code = unsafe [UInt8](unsafeUninitializedCapacity: Int(LINUX_CALL_STUB_CAPACITY)) { buffer, count in
      var registers = registers
      unsafe count = linux_write_call_stub(&registers, mask, place, buffer.baseAddress)
    }
    (self.registers, self.mask, self.site) = (registers, mask, site)
    saved = ProcessMemory(pid: task.id).bytes(at: place, count: code.count)
    guard saved.count == code.count else {
      throw AttachError("process \(task.id) has no vDSO where it had one: it has executed a program")
    }
    try overwrite(code, in: task.id, at: place)
  }

  /// Makes the thread execute a call. Returns its result, or a negated error number.
  func call(_ number: Int, _ arguments: UInt64...) throws(AttachError) -> Int64 {
    try make(number, arguments)
  }

  /// Like `call`, for a call that must succeed.
  @discardableResult
  func require(_ operation: String, _ number: Int, _ arguments: UInt64...) throws(AttachError) -> UInt64 {
    let result = try make(number, arguments)
    guard result >= 0 || result < -4095 else {
      let errno = Errno(result: result)
      let advice = Self.limit(errno).map { "; raise its limit (\($0) \(task.id))" } ?? ""
      // A thread of the process may have mapped something at that address first.
      throw AttachError(
        "cannot \(operation) in process \(task.id): \(errno)\(advice)", mayPass: errno == .fileExists)
    }
    return UInt64(bitPattern: result)
  }

  /// The command that shows and sets the limit of the process that a call has met.
  private static func limit(_ errno: Errno) -> String? {
    switch errno {
    case .tooManyOpenFiles: "prlimit --nofile --pid"
    case .noMemory: "prlimit --as --data --pid"
    default: nil
    }
  }

  private func make(_ number: Int, _ arguments: [UInt64]) throws(AttachError) -> Int64 {
    var started = registers
    let words = arguments + [UInt64](repeating: 0, count: 6 - arguments.count)
    unsafe words.withUnsafeBufferPointer {
      unsafe linux_start_stub(&started, stub, UInt64(number), $0.baseAddress)
    }
    try attempt { [started] () throws(SystemError) in
      // The stub first: it sets the mask that the thread is to have.
      try task.setRegisters(started)
      try task.setSignalMask(.max)
      try task.resumeToCall()
    }
    try wait { $0 == .call }
    try attempt { () throws(SystemError) in try task.resumeToCall() }
    try wait { $0 == .call }
    let result = try attempt { () throws(SystemError) in try task.registers().result }
    // An address of 32 bits is no negative number.
    return site.width == .bits32 && result < -4095 ? Int64(UInt32(truncatingIfNeeded: result)) : result
  }

  /// Restores the registers and the signal mask with which the thread stopped, so that it can continue.
  func end() throws(AttachError) {
    try attempt { () throws(SystemError) in
      try task.setSignalMask(mask)
      // The kernel restarts an interrupted call only on the way out of the stop that interrupted it. Here the registers are set as if the
      // thread were about to make the call.
      var repeated = registers
      unsafe linux_repeat_call(&repeated)
      try task.setRegisters(repeated)
      try task.interrupt()
      try task.resume()
    }
    try wait { $0 == .interrupted || $0 == .groupStop }
    try attempt { () throws(SystemError) in try task.setRegisters(registers) }
    try overwrite(saved, in: task.id, at: stub)
  }

  /// How many nanoseconds a thread may take to reach its next stop: a thread of a frozen control group never reaches it.
  private static let patience: Int64 = 5_000_000_000
  /// How often this process yields the processor before it sleeps while it waits.
  private static let yields = 200

  private func wait(for isExpected: (StopStatus) -> Bool) throws(AttachError) {
    while true {
      guard let status = try nextStop() else {
        // The thread still stops where it is, so its registers can be set.
        try attempt { () throws(SystemError) in try task.interrupt() }
        _ = try nextStop()
        throw AttachError(
          "process \(task.id) does not run: try again when it has processor time, or thaw its control group")
      }
      let stop = StopStatus(waitStatus: status)
      if isExpected(stop) { return }
      switch stop {
      case .ended: throw AttachError("process \(task.id) ended, or executed a program: attach again")
      case .signal(let number): try attempt { () throws(SystemError) in try task.resumeToCall(delivering: number) }
      default: try attempt { () throws(SystemError) in try task.resumeToCall() }
      }
    }
  }

  /// The status with which the thread stops; nil if it doesn't stop in time.
  private func nextStop() throws(AttachError) -> Int32? {
    let start = HostClock.uptime
    var attempts = 0
    while HostClock.uptime - start < Self.patience {
      var status: Int32 = 0
      let found = retryingLibc { Int(unsafe waitpid(task.id, &status, WNOHANG | Int32(LINUX_WAIT_ALL))) }
      guard found >= 0 else {
        throw AttachError(SystemError("wait for process \(task.id)", errno: Errno(result: found)))
      }
      if found > 0 { return status }
      attempts += 1
      if Urgency.lend(to: task.id) { continue }
      if attempts < Self.yields { sched_yield() } else { HostClock.sleep(nanoseconds: 20_000) }
    }
    return nil
  }
}

/// Writes to a traced process's memory, whatever its protection is.
func overwrite(_ bytes: [UInt8], in process: Int32, at address: UInt64) throws(AttachError) {
  let result = unsafe bytes.withUnsafeBytes {
    unsafe linux_overwrite_memory(process, address, $0.baseAddress, $0.count)
  }
  guard result == 0 else {
    throw AttachError(SystemError("write to the memory of process \(process)", errno: Errno(result: result)))
  }
}
