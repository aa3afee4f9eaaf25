import AuxvLoader
import ELF

/// The giving of pages to one task, between its execve and its first instruction.
///
/// A sequence of stops of a traced task: who waits for them hands each to `advance`. Signals that come in between are
/// blocked until then; what can't be blocked takes effect at once. On any error it goes on as it was, on the kernel's page.
struct Installation {
  enum Outcome {
    /// The program was not executed, or the task is gone.
    case nothing
    /// The program's vDSO is at `header`, 0 where it has none any more.
    case given(header: UInt64, code: [UInt8]?, ProgramStart)
    /// The program keeps the kernel's image.
    case left(String)
  }

  enum Phase {
    /// The task is in execve, or it failed.
    case executing
    /// execve has succeeded, and has not returned.
    case executed
    /// The task makes the calls whose results the next ones need.
    case requesting
    /// The task makes the calls that put the pages in place.
    case placing
  }

  /// The thread that called execve.
  let thread: TracedTask
  /// The same once execve has succeeded: the first thread of its process.
  let task: TracedTask
  /// The task's descriptor of the time page; without one it asks for it by an execve of nothing.
  let timePage: Int32?
  var phase = Phase.executing
  private var isInterrupted = false
  /// What the program gets, and the changed auxiliary vector, from the end of execve on.
  var image: PageSupply.Image?
  var start: ProgramStart?
  var header: UInt64 = 0
  var borrowed: BorrowedTask?
  var list = CallList(.native)

  init(thread: Int32, process: Int32, timePage: Int32?) {
    self.thread = TracedTask(id: thread)
    task = TracedTask(id: process)
    self.timePage = timePage
  }

  /// Takes the next step at a stop of the task; says what it came to once it is over, and the task is to be released.
  mutating func advance(_ stop: StopStatus, _ supply: PageSupply, _ host: inout HostImages) -> Outcome? {
    do throws(TaskError) {
      return try step(stop, supply, &host)
    } catch {
      return .left("\(error)")
    }
  }

  private mutating func step(
    _ stop: StopStatus, _ supply: PageSupply, _ host: inout HostImages
  ) throws(TaskError) -> Outcome? {
    switch (phase, stop) {
    case (_, .ended): return .nothing
    case (.executing, .groupStop): try thread.stayStopped()
    case (_, .groupStop): try task.stayStopped()
    case (_, .exec):
      // Inside the system call, whose end would still change registers: on to that.
      phase = .executed
      try task.interrupt()
      try task.resume()
    case (.executing, .interrupted):
      if isInterrupted { return .nothing }
      try thread.resume()
    case (.executed, .interrupted): return try begin(supply, &host)
    case (.executing, .signal(let number)): try thread.resume(delivering: number)
    case (_, .interrupted): try task.resume()
    case (_, .signal(let number)):
      guard number == StopStatus.trap, let borrowed, try borrowed.isAtTrap() else {
        try task.resume(delivering: number)
        return nil
      }
      if phase == .placing { return try finish() }
      try place()
    }
    return nil
  }

  /// At the end of execve.
  private mutating func begin(_ supply: PageSupply, _ host: inout HostImages) throws(TaskError) -> Outcome? {
    let registers = try task.registers()
    let width: ELFClass = registers.is32Bit ? .bits32 : .bits64
    let memory = ProcessMemory(pid: task.id)
    let start = try ProgramStart(memory, stackPointer: registers.stackPointer, width)
    self.start = start
    guard let kernelHeader = start.vector[.vdso] else { throw TaskError("find the kernel's vDSO", errno: 2) }
    let entryPoints = host.entryPoints(at: kernelHeader, in: memory, width)
    guard let image = supply.image(width == .bits32 ? .i386 : .x86_64, entryPoints) else {
      return .left("there is no page for it")
    }
    self.image = image
    borrowed = try BorrowedTask(task, registers)
    try request()
    return nil
  }

  /// Has the task stop at the end of execve, which may be later where that fails: the one sign of it.
  mutating func noticeFailure() {
    isInterrupted = true
    try? thread.interrupt()
  }

  /// Lets the stopped task go.
  func release() {
    borrowed?.giveBack()
    thread.detach()
    if task != thread { task.detach() }
  }
}
