// SPDX-License-Identifier: Apache-2.0

// libc's clock and identity functions, answered by the vDSO without a system call where it can, by the kernel where not.
// Link with `pkg-config --libs vdsoshim`, or name libvdsoshim.so in LD_PRELOAD.

#ifndef VDSOSHIM_H
#define VDSOSHIM_H

#ifdef __cplusplus
extern "C" {
#endif

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
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
  /// An image was found; `vdsoshim_resolution` says which calls it serves.
  VDSO_STATE_ACTIVE = 1,
  /// There is no image that this program can call: all calls go to the kernel.
  VDSO_STATE_ABSENT = 2,
  /// VDSOSHIM=off: no image was looked for.
  VDSO_STATE_OFF = 3,
  /// VDSOSHIM=trap: an image was found, and all calls go to the kernel.
  VDSO_STATE_TRAP = 4,
};

/// What the library found when it started, as `enum vdso_state`. Async-signal-safe.
int vdsoshim_get_state(void);

/// 1 if calls may be served by a vDSO, else 0. Async-signal-safe.
int vdsoshim_is_available(void);

/// The address of the symbol that the process's vDSO defines under this name, or null. Async-signal-safe.
void *vdsoshim_lookup_symbol(const char *name);

/// Where calls of one of the functions above go, `vdso` or `trap: ` and why, for people; null for any other name.
/// A constant string. Async-signal-safe.
const char *vdsoshim_resolution(const char *name);

// Images by themselves. Needs neither libc nor the library's constructor: the archive has these functions in an object of
// their own. Async-signal-safe, thread-safe, without allocation. `image` is the address of an image's first byte, the value of
// AT_SYSINFO_EHDR; what isn't readable, or not for this program's architecture, is refused and never read past its end.

/// A symbol of an image. Its names lie in the image.
struct vdso_symbol {
  const char *name;
  /// The name of its version, or null where it has none.
  const char *version;
  /// In this process; for an absolute symbol, its value.
  uintptr_t address;
  /// In bytes.
  size_t size;
  /// STT_FUNC (2) and the like.
  unsigned char type;
  /// STB_GLOBAL (1) or STB_WEAK (2).
  unsigned char binding;
  unsigned char is_absolute;
};

/// Puts the value of a key of an auxiliary vector into `value`, unless that is null; returns 1, or 0 for a key that is not there.
int vdso_auxiliary_value(const unsigned long *vector, unsigned long key, unsigned long *value);

/// Finds the exported symbol of a name by the image's hash table, at a version where that isn't null. An image that
/// defines no versions has all. Returns 1, 0 for a name that is not there, -1 for an image that can't be used.
int vdso_find_symbol(const void *image, const char *name, const char *version, struct vdso_symbol *symbol);

/// Finds the exported symbol that covers an address, as profilers ask. Returns as `vdso_find_symbol`.
int vdso_find_address(const void *image, const void *address, struct vdso_symbol *symbol);

/// Calls `visit` with each exported symbol until it returns other than 0. Returns what it returned last, or -1 for an image that
/// can't be used.
int vdso_visit_symbols(const void *image, int (*visit)(const struct vdso_symbol *symbol, void *context), void *context);

#ifdef __cplusplus
}
#endif

#endif
