// A process that works for a program until that ends.
//
// Assumes that the caller has one thread, as `fork` does, and that what the work refers to, the writer's mapping of the time
// page for one, outlives the child: it is inherited, and the child never unmaps it.

import CLinux
import Glibc

/// A process that does a session's work until the process that started it ends.
///
/// It is nobody's child there, holds no descriptor of the program's, and is in a session of its own, so that signals from
/// a terminal pass it by. When it is killed, the kernel marks the page's keeper word, counter readings pass their age
/// limit, and readers trap: right answers, slower.
public enum KeeperProcess {
  /// Starts it for the calling process, which must have one thread and go on to run a program.
  public static func start(_ work: HelperWork) throws(MappingError) {
    let program = linux_process_descriptor(getpid())
    guard program >= 0 else { throw MappingError(operation: "open this process's descriptor", errno: errno) }
    defer { close(program) }
    let intermediate = linux_fork()
    guard intermediate >= 0 else { throw MappingError(operation: "start the keeper of time", errno: errno) }
    if intermediate == 0 {
      // The program runs with the same rights, and this process has the one writable mapping. From the keeper's first moment: the
      // program goes on when this process has ended.
      linux_forbid_tracers()
      unsafe linux_set_name("vdso-keeper")
      if linux_fork() == 0 { keep(work, until: program) }
      _exit(0)
    }
    while waitpid(intermediate, nil, 0) == -1 && errno == EINTR {}
  }

  private static func keep(_ work: HelperWork, until program: Int32) -> Never {
    setsid()
    HelperDescriptors.keep([program] + work.descriptors() + work.kept)
    work.begin(false)
    while true {
      let ready = HelperDescriptors.wait(for: [program] + work.descriptors(), work.interval)
      if ready[0] != 0 {
        work.end()
        _exit(0)
      }
      if ready.contains(where: { $0 != 0 }) { work.serve() }
      if work.interval != nil { work.refresh() }
    }
  }
}
