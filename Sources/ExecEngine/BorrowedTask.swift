import AuxvLoader
import CLinux
import ELF

/// A stopped task whose registers, signal mask and a few bytes of code are changed for a while, to make system calls in it.
struct BorrowedTask {
  let task: TracedTask
  let width: ELFClass
  let memory: ProcessMemory
  /// Writable memory below the task's stack, at least 2 KiB, that the task doesn't use.
  let scratch: UInt64
  private let registers: linux_registers
  private let signalMask: UInt64
  private let codeAddress: UInt64
  private let code: [UInt8]

  /// Takes a task that stands before its first instruction.
  init(_ task: TracedTask, _ registers: linux_registers) throws(TaskError) {
    self.task = task
    self.registers = registers
    width = registers.is32Bit ? .bits32 : .bits64
    memory = ProcessMemory(pid: task.id)
    scratch = (registers.stackPointer & ~0xfff) - 4096
    // The start of the page that it is to execute next: all of it is code.
    codeAddress = registers.programCounter & ~0xfff
    code = try memory.read(CallList.code(width).count, at: codeAddress)
    signalMask = try task.signalMask()
    try task.setSignalMask(~(1 << UInt64(StopStatus.trap - 1)))
    try task.overwrite(CallList.code(width), at: codeAddress)
  }

  /// Lets the task go through a list of calls. It stops at the trap at the list's end.
  func start(_ list: CallList) throws(TaskError) {
    try memory.write(list.bytes, at: scratch)
    try task.setRegisters(registers.redirected(to: codeAddress, stack: scratch))
    try task.resume()
  }

  /// Whether the task stands at the list's end, not at a trap of another kind.
  func isAtTrap() throws(TaskError) -> Bool {
    try task.registers().programCounter == codeAddress + CallList.trapOffset(width)
  }

  /// What the calls returned.
  func results(of list: CallList) throws(TaskError) -> [Int64] {
    list.results(in: try memory.read(list.bytes.count, at: scratch))
  }

  /// Puts everything back. What fails, fails because the task is gone.
  func giveBack() {
    try? task.overwrite(code, at: codeAddress)
    try? task.setSignalMask(signalMask)
    try? task.setRegisters(registers)
  }
}
