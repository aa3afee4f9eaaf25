// libc's clock and identity functions, answered by the vDSO without a system call where it can, by the kernel where not.
// Link with `pkg-config --libs vdsoshim`, or name libvdsoshim.so in LD_PRELOAD.

#ifndef VDSOSHIM_H
#define VDSOSHIM_H

#ifdef __cplusplus
extern "C" {
#endif

#include <sched.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// libc's own functions, with its signatures and its `errno`: async-signal-safe, thread-safe, without allocation.
// Before the library's constructor has run they ask the kernel. A null time is answered by the kernel: EFAULT.

int clock_gettime(clockid_t clock, struct timespec *time);
int clock_getres(clockid_t clock, struct timespec *resolution);
int gettimeofday(struct timeval *__restrict time, void *__restrict zone);
time_t time(time_t *seconds);
int getcpu(unsigned int *cpu, unsigned int *node);
// From a page that has it, as long as no child shares this memory: such a child would find its parent's. The library
// exports `vfork` and `clone` to know of these children; one made by a system call of its own must not ask.
pid_t getpid(void);
// These ask the kernel: a page can't see the system calls that change them.
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);

/// What the library found when it started.
enum vdso_state {
  /// The constructor has not run yet: all calls go to the kernel.
  VDSO_STATE_EARLY = 0,
  /// An image was found; `vdso_resolution` says which calls it serves.
  VDSO_STATE_ACTIVE = 1,
  /// There is no image that this program can call: all calls go to the kernel.
  VDSO_STATE_ABSENT = 2,
  /// VDSOSHIM=off: no image was looked for.
  VDSO_STATE_OFF = 3,
  /// VDSOSHIM=trap: an image was found, and all calls go to the kernel.
  VDSO_STATE_TRAP = 4,
};

/// What the library found when it started, as `enum vdso_state`. Async-signal-safe.
int vdso_get_state(void);

/// 1 if calls may be served by a vDSO, else 0. Async-signal-safe.
int vdso_is_available(void);

/// The address of the symbol that the process's vDSO defines under this name, or null. Not for signal handlers: it
/// allocates.
void *vdso_lookup_symbol(const char *name);

/// Where calls of one of the functions above go, `vdso` or `trap: ` and why, for people; null for any other name.
/// A constant string. Async-signal-safe.
const char *vdso_resolution(const char *name);

#ifdef __cplusplus
}
#endif

#endif
