// SPDX-License-Identifier: Apache-2.0

import CLinux
package import ELF

/// The numbers of the injected system calls for an architecture.
package struct CallNumbers {
  package var mmap: Int
  package var munmap: Int
  package var mprotect: Int
  var madvise: Int
  var mseal: Int
  package var close: Int
  var getpid: Int
  package var execve: Int
  package var prctl: Int
  var tgkill: Int
  var sigprocmask: Int
  var openat: Int
  package var write: Int
  var pwrite64: Int
  package var fcntl: Int
  package var memfdCreate: Int
  package var socketpair: Int
  package var recvmsg: Int
  var wait4: Int
  package var seccomp: Int
  /// The difference of mmap's offset argument from one page to the next.
  package var pageOffsetUnit: UInt64

  /// The numbers of this program's architecture.
  static let native = CallNumbers(
    mmap: linux_call_mmap, munmap: linux_call_munmap, mprotect: linux_call_mprotect, madvise: linux_call_madvise,
    mseal: Int(LINUX_NR_MSEAL),
    close: linux_call_close, getpid: linux_call_getpid, execve: linux_call_execve, prctl: linux_call_prctl,
    tgkill: linux_call_tgkill, sigprocmask: linux_call_rt_sigprocmask, openat: linux_call_openat,
    write: linux_call_write,
    pwrite64: linux_call_pwrite64,
    fcntl: linux_call_fcntl, memfdCreate: linux_call_memfd_create,
    socketpair: linux_call_socketpair, recvmsg: linux_call_recvmsg, wait4: linux_call_wait4,
    seccomp: linux_call_seccomp,
    pageOffsetUnit: 4096)

  // i386 uses mmap2, whose offset argument counts pages.
  static let i386 = CallNumbers(
    mmap: 192, munmap: 91, mprotect: 125, madvise: 219, mseal: 462, close: 6, getpid: 20, execve: 11, prctl: 172,
    tgkill: 270,
    sigprocmask: 175, openat: 295, write: 4, pwrite64: 181, fcntl: 221, memfdCreate: 356, socketpair: 360, recvmsg: 372,
    wait4: 114, seccomp: 354,
    pageOffsetUnit: 1)

  package static func numbers(_ width: ELFClass) -> CallNumbers {
    width == .native ? native : i386
  }
}
