// A process that keeps the time page of another fresh.
//
// Assumes that the caller has one thread, as `fork` does, and that the writer's mapping of the time page outlives the
// child: it is inherited, and the child never unmaps it.

import CLinux
import Glibc

/// A process that refreshes a time page until the process that started it ends.
///
/// It is nobody's child there, holds no descriptor of the program's, and is in a session of its own, so that signals from
/// a terminal pass it by. When it is killed, the kernel marks the page's keeper word, counter readings pass their age
/// limit, and readers trap: right answers, slower.
public enum KeeperProcess {
  /// Starts the keeper of `file` for the calling process, which must have one thread and go on to run a program.
  public static func start(for kernel: SimulatedKernel, file: borrowing TimePageFile) throws(MappingError) {
    let program = linux_process_descriptor(getpid())
    guard program >= 0 else { throw MappingError(operation: "open this process's descriptor", errno: errno) }
    defer { close(program) }
    let intermediate = linux_fork()
    guard intermediate >= 0 else { throw MappingError(operation: "start the keeper of time", errno: errno) }
    if intermediate == 0 {
      if linux_fork() == 0 { keep(file.page, kernel, until: program) }
      _exit(0)
    }
    while waitpid(intermediate, nil, 0) == -1 && errno == EINTR {}
  }

  private static func keep(_ page: TimePage, _ kernel: SimulatedKernel, until program: Int32) -> Never {
    setsid()
    leaveDescriptors(but: program)
    unsafe linux_set_name("vdso-keeper")
    var kernel = kernel
    page.keep()
    while true {
      var wait = pollfd(fd: program, events: Int16(POLLIN), revents: 0)
      let ended = unsafe poll(&wait, 1, Int32(TimeKeeper.tickInterval / 1_000_000))
      if ended > 0 { _exit(0) }
      kernel.refresh(page)
    }
  }

  /// A keeper that held a pipe open would make its reader wait for ever.
  private static func leaveDescriptors(but kept: Int32) {
    let null = unsafe open("/dev/null", O_RDWR)
    for descriptor in 0...2 as ClosedRange<Int32> where null >= 0 {
      dup2(null, descriptor)
    }
    linux_close_descriptors(3, kept)
  }
}
