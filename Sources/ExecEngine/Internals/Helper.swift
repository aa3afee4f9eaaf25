// The helper process, and what it and the program's process tell each other before execve.
//
// Assumes that the caller has one thread, as `fork` does. Numbers are exchanged over a socket as whole 32-bit words.

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
    let (near, far) = try channel()
    linux_allow_tracers(true)
    let fork = linux_fork_orphan()
    if fork == 0 {
      close(near)
      serve(process, far, supply, follows: follows, watches, timePage, report)
    }
    let error = errno
    close(far)
    defer { close(near) }
    guard fork > 0 else { throw TaskError("start a helper process", errno: error) }
    let status = receive(near)
    linux_allow_tracers(false)
    guard status == 0 else {
      close(timePage)
      throw TaskError("trace programs", errno: status ?? ESRCH)
    }
    let calls = (follows ? .executing : []) + watches.flatMap { $0.calls }
    let listener = calls.isEmpty ? -1 : CallListener.listen(for: calls)
    send(listener, near)
    _ = receive(near)
    if follows && listener >= 0 { close(timePage) }
    return listener >= 0
  }

  /// The helper's life.
  private static func serve(
    _ process: Int32, _ channel: Int32, _ supply: PageSupply, follows: Bool, _ watches: [CallWatch],
    _ timePage: Int32, _ report: @escaping (ProgramEvent) -> [String]
  ) -> Never {
    signal(SIGCHLD, SIG_DFL)
    setsid()
    _ = unsafe chdir("/")
    unsafe linux_set_name("vdso-helper")
    let program = linux_process_descriptor(process)
    let signals = linux_child_signals()
    do throws(TaskError) {
      try TracedTask(id: process).seize()
      send(0, channel)
    } catch {
      send(error.errno, channel)
      _exit(1)
    }
    let listener = receive(channel).flatMap { $0 < 0 ? nil : linux_descriptor_of(program, $0) }
      .flatMap { try? CallListener(descriptor: $0) }
    HelperDescriptors.keep(
      [supply.timePage, channel, program, signals, listener?.descriptor ?? -1] + (supply.work?.descriptors() ?? []))
    var supervisor = Supervisor(supply, listener, watches, report: report)
    supervisor.adopt(process, timePage: follows && listener != nil ? nil : timePage)
    send(0, channel)
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

  private static func send(_ number: Int32, _ channel: Int32) {
    var number = number
    _ = unsafe Glibc.send(channel, &number, 4, Int32(MSG_NOSIGNAL))
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
