// SPDX-License-Identifier: Apache-2.0

// Assumes: there is one thread. Attributes that a machine doesn't allow to change are left unchanged, equally for both ways of execution.

import CLinux
import Glibc

/// Attributes of a process that programs inherit through execve.
enum Inheritance {
  static func make() {
    signals()
    files()
    scheduling()
    for (option, value) in [
      (1 /* PR_SET_PDEATHSIG */, 12), (28 /* PR_SET_SECUREBITS */, 4), (29 /* PR_SET_TIMERSLACK */, 70_000),
      (36 /* PR_SET_CHILD_SUBREAPER */, 1), (38 /* PR_SET_NO_NEW_PRIVS */, 1), (41 /* PR_SET_THP_DISABLE */, 1),
    ] {
      _ = linux_syscall(linux_call_prctl, option, value, 0, 0, 0, 0)
    }
  }

  private static func signals() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGCHLD, SIG_IGN)
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGUSR1, SIGTERM] { unsafe sigaddset(&set, number) }
    unsafe sigprocmask(SIG_BLOCK, &set, nil)
    raise(SIGUSR1)
    var timer = itimerval(it_interval: timeval(tv_sec: 1000, tv_usec: 0), it_value: timeval(tv_sec: 1000, tv_usec: 0))
    precondition(unsafe setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil) == 0)
  }

  private static func files() {
    // Descriptors that a test runner leaks would differ from run to run.
    _ = linux_syscall(436 /* close_range */, 3, 0xffff_ffff, 0, 0, 0, 0)
    umask(0o27)
    precondition(unsafe chdir("/") == 0)
    precondition(unsafe open("/dev/null", O_RDONLY) >= 0)
    let locked = unsafe fileno(tmpfile())
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    precondition(unsafe fcntl(locked, F_SETLK, &lock) == 0)
    for (path, text) in [("/proc/self/coredump_filter", "0x31"), ("/proc/self/oom_score_adj", "77")] {
      let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
      _ = unsafe write(file, text, text.utf8.count)
      close(file)
    }
  }

  private static func scheduling() {
    _ = nice(3)
    var limit = rlimit(rlim_cur: 300, rlim_max: 400)
    precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    var first: UInt64 = 1
    _ = unsafe withUnsafePointer(to: &first) {
      linux_syscall(203 /* sched_setaffinity */, 0, 8, Int(bitPattern: $0), 0, 0, 0)
    }
  }
}
