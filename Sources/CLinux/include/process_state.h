// SPDX-License-Identifier: Apache-2.0

// The state of a process that it needs to replace itself by another program.

#ifndef CLINUX_PROCESS_STATE_H
#define CLINUX_PROCESS_STATE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

/// The calling thread's restartable-sequences area as libc registered it, 0 if it registered none.
uint64_t linux_rseq_area(void);

/// The size that libc states for that area: the part in use, which can be less than what was registered.
uint64_t linux_rseq_size(void);

/// The environment's strings, ended by a null pointer. The corresponding C variable is `environ`.
char *const *linux_environment(void);

/// The type and permission bits of an open file, and its size in bytes, from `struct stat`. Returns 0 or `-errno`.
struct linux_status {
  uint32_t mode;
  uint64_t size;
};
int linux_status_of(int fd, struct linux_status *status);

/// Whether a process has the file open for writing, so that execve would fail; false if that can't be found out.
bool linux_is_open_for_writing(int fd);

/// Whether this process may have used registers that x87 and SSE don't have.
bool linux_uses_wide_registers(void);

/// Whether this process executes that file, so that /proc/self/exe needs no change.
bool linux_is_own_executable(int fd);

/// Whether the kernel lets a process set the bounds of its memory. The corresponding C constant is `PR_SET_MM_MAP_SIZE`.
bool linux_can_describe_memory(void);

/// The flags of the file system that a path leads to, 0 if there are none. The corresponding C structure is `statvfs`.
enum { linux_mount_nosuid = 2, linux_mount_noexec = 8 };
unsigned long linux_mount_flags(const unsigned char *path);

// Numbers of the system calls that loading makes or leaves to the exec transition, and of those that are injected into tasks.
#define LINUX_CALL(name) static const long linux_call_##name = SYS_##name
LINUX_CALL(brk);
LINUX_CALL(clone);
LINUX_CALL(close);
LINUX_CALL(execve);
LINUX_CALL(exit);
LINUX_CALL(fcntl);
LINUX_CALL(getdents64);
LINUX_CALL(getegid);
LINUX_CALL(geteuid);
LINUX_CALL(getgid);
LINUX_CALL(getpid);
LINUX_CALL(getrandom);
LINUX_CALL(getuid);
LINUX_CALL(madvise);
LINUX_CALL(memfd_create);
LINUX_CALL(mmap);
LINUX_CALL(mprotect);
LINUX_CALL(mremap);
LINUX_CALL(munlockall);
LINUX_CALL(munmap);
LINUX_CALL(openat);
LINUX_CALL(personality);
LINUX_CALL(prctl);
LINUX_CALL(pread64);
LINUX_CALL(prlimit64);
LINUX_CALL(pwrite64);
LINUX_CALL(read);
LINUX_CALL(recvmsg);
LINUX_CALL(rseq);
LINUX_CALL(rt_sigaction);
LINUX_CALL(rt_sigprocmask);
LINUX_CALL(seccomp);
LINUX_CALL(set_robust_list);
LINUX_CALL(set_tid_address);
LINUX_CALL(sigaltstack);
LINUX_CALL(socketpair);
LINUX_CALL(tgkill);
LINUX_CALL(timer_delete);
LINUX_CALL(wait4);
LINUX_CALL(write);
#if defined(__x86_64__)
LINUX_CALL(arch_prctl);
#else
// No call has this number, so it gives ENOSYS.
static const long linux_call_arch_prctl = -1;
#endif
#undef LINUX_CALL

#endif
