// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF

/// The numbers of the injected system calls for an architecture.
struct CallNumbers {
  var mmap: Int
  var munmap: Int
  var mprotect: Int
  var madvise: Int
  var mseal: Int
  var close: Int
  var getpid: Int
  var execve: Int
  var prctl: Int
  var tgkill: Int
  var sigprocmask: Int
  var write: Int
  var fcntl: Int
  var memfdCreate: Int
  var socketpair: Int
  var recvmsg: Int
  var wait4: Int
  /// The difference of mmap's offset argument from one page to the next.
  var pageOffsetUnit: UInt64

  /// The numbers of this program's architecture.
  static let native = CallNumbers(
    mmap: linux_call_mmap, munmap: linux_call_munmap, mprotect: linux_call_mprotect, madvise: linux_call_madvise,
    mseal: Int(LINUX_NR_MSEAL),
    close: linux_call_close, getpid: linux_call_getpid, execve: linux_call_execve, prctl: linux_call_prctl,
    tgkill: linux_call_tgkill, sigprocmask: linux_call_rt_sigprocmask, write: linux_call_write,
    fcntl: linux_call_fcntl, memfdCreate: linux_call_memfd_create,
    socketpair: linux_call_socketpair, recvmsg: linux_call_recvmsg, wait4: linux_call_wait4, pageOffsetUnit: 4096)

  // i386 uses mmap2, whose offset argument counts pages.
  static let i386 = CallNumbers(
    mmap: 192, munmap: 91, mprotect: 125, madvise: 219, mseal: 462, close: 6, getpid: 20, execve: 11, prctl: 172,
    tgkill: 270,
    sigprocmask: 175, write: 4, fcntl: 221, memfdCreate: 356, socketpair: 360, recvmsg: 372, wait4: 114,
    pageOffsetUnit: 1)

  static func numbers(_ width: ELFClass) -> CallNumbers {
    width == .native ? native : i386
  }
}
