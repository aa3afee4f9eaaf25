// The helper process, and what it and the program's process tell each other before execve.
//
// Assumes that the caller has one thread, as `fork` does. Numbers are exchanged over a socket as whole 32-bit words.

import AuxvLoader
import CLinux
import Glibc
import SimulatedKernel

/// The process that supervises a session's programs.
enum Helper {
  /// Starts a helper that traces this process and waits for its next execve; returns whether it hears of later calls.
  static func start(
    _ supply: PageSupply, follows: Bool, _ watches: [CallWatch], report: @escaping (ProgramEvent) -> [String]
  ) throws(TaskError) -> Bool {
    let process = getpid()
    // The program's own descriptor of the time page, where nobody hears it asking for one.
    let timePage = fcntl(supply.timePage, F_DUPFD, 3)
    guard timePage >= 0 else { throw TaskError("copy the time page's descriptor", errno: errno) }
    var needsTimePage = false
    defer { if !needsTimePage { close(timePage) } }
    let (near, far) = try channel()
    linux_allow_tracers(true)
    let fork = linux_fork_orphan()
    if fork == 0 {
      serve(process, near: near, far, supply, follows: follows, watches, timePage, report)
    }
    let error = errno
    close(far)
    defer { close(near) }
    guard fork > 0 else { throw TaskError("start a helper process", errno: error) }
    let status = receive(near)
    linux_allow_tracers(false)
    guard status == 0 || status == canOnlyTrace else { throw TaskError("trace programs", errno: status ?? ESRCH) }
    let calls = (follows ? .executing : []) + watches.flatMap { $0.calls }
    let listener = calls.isEmpty || status == canOnlyTrace ? -1 : CallListener.listen(for: calls)
    let isServed = send(listener, near) && receive(near) == 0
    // The helper has it. Where it has not, the program's execve fails in place of waiting for an answer for ever.
    if listener >= 0 { close(listener) }
    guard isServed else { throw TaskError("reach the helper process", errno: ESRCH) }
    needsTimePage = listener < 0 || !follows
    return listener >= 0
  }

  /// What a helper says that can trace the program, and couldn't take over what it hears by.
  private static let canOnlyTrace: Int32 = -1

  /// Checks what the helper needs, and attaches to the program.
  private static func attach(to process: Int32, _ program: Int32, _ signals: Int32) throws(TaskError) {
    guard program >= 0, signals >= 0 else { throw TaskError("wait for the program", errno: errno) }
    try TracedTask(id: process).seize()
    // Where a word of its own lies, it lies in the program, whose copy it is.
    let memory = ProcessMemory(pid: process)
    let address = unsafe UInt64(UInt(bitPattern: linux_environment()))
    try memory.write(try memory.read(8, at: address), at: address)
  }

  /// The helper's life.
  private static func serve(
    _ process: Int32, near: Int32, _ channel: Int32, _ supply: PageSupply, follows: Bool, _ watches: [CallWatch],
    _ timePage: Int32, _ report: @escaping (ProgramEvent) -> [String]
  ) -> Never {
    signal(SIGCHLD, SIG_DFL)
    setsid()
    _ = unsafe chdir("/")
    unsafe linux_set_name("vdso-helper")
    linux_forbid_tracers()
    let program = linux_process_descriptor(process)
    let signals = program < 0 ? -1 : linux_child_signals()
    do throws(TaskError) {
      try attach(to: process, program, signals)
    } catch {
      send(error.errno, channel)
      _exit(1)
    }
    let copy = linux_descriptor_of(program, near)
    guard send(copy < 0 ? canOnlyTrace : 0, channel) else { _exit(1) }
    if copy >= 0 { close(copy) }
    close(near)
    let listener = receive(channel).flatMap { $0 < 0 ? nil : linux_descriptor_of(program, $0) }
      .flatMap { try? CallListener(descriptor: $0) }
    HelperDescriptors.keep(
      [supply.timePage, channel, program, signals, listener?.descriptor ?? -1] + (supply.work?.descriptors() ?? [])
        + (supply.work?.kept ?? []))
    var supervisor = Supervisor(supply, listener, watches, report: report)
    supervisor.adopt(process, timePage: follows && listener != nil ? nil : timePage)
    // The program waits for it: a helper that can't tell goes, and the program goes on without.
    guard send(0, channel) else { _exit(1) }
    close(channel)
    supervisor.run(signals: signals, program: program)
    _exit(0)
  }

  private static func channel() throws(TaskError) -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw TaskError("make a socket", errno: errno)
    }
    return (ends[0], ends[1])
  }

  /// Whether the number is on its way.
  @discardableResult
  private static func send(_ number: Int32, _ channel: Int32) -> Bool {
    var number = number
    while true {
      let count = unsafe Glibc.send(channel, &number, 4, Int32(MSG_NOSIGNAL))
      if count == 4 { return true }
      guard count < 0, errno == EINTR else { return false }
    }
  }

  /// The next number, or nil where the other side is gone.
  private static func receive(_ channel: Int32) -> Int32? {
    var number: Int32 = 0
    while true {
      let count = unsafe recv(channel, &number, 4, Int32(MSG_WAITALL))
      if count == 4 { return number }
      guard count < 0, errno == EINTR else { return nil }
    }
  }
}
