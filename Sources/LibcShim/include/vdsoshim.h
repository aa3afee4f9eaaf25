// SPDX-License-Identifier: Apache-2.0

// libc's clock and identity functions, served by the vDSO without a system call if possible, and by the kernel otherwise.
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
// Before the library's constructor has run they ask the kernel. With a null time the kernel is asked, and returns EFAULT.

int clock_gettime(clockid_t clock, struct timespec *time);
int clock_getres(clockid_t clock, struct timespec *resolution);
int gettimeofday(struct timeval *__restrict time, void *__restrict zone);
time_t time(time_t *seconds);
int getcpu(unsigned int *cpu, unsigned int *node);
// The process id comes from a page that has it, except while a child shares this memory: such a child would find its parent's id. The
// library exports `vfork` and `clone` to know of these children. A child that a direct system call has made must not call it.
pid_t getpid(void);
// These ask the kernel: a page can't see the system calls that change them.
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);

/// The result of the library's start.
enum vdso_state {
  /// The constructor has not run yet: all calls go to the kernel.
  VDSO_STATE_EARLY = 0,
  /// An image was found; `vdsoshim_resolution` says which calls it serves.
  VDSO_STATE_ACTIVE = 1,
  /// There is no image that this program can call: all calls go to the kernel.
  VDSO_STATE_ABSENT = 2,
  /// VDSOSHIM=off: the library looked for no image.
  VDSO_STATE_OFF = 3,
  /// VDSOSHIM=trap: an image was found, and all calls go to the kernel.
  VDSO_STATE_TRAP = 4,
};

/// The result of the library's start, an `enum vdso_state`. Async-signal-safe.
int vdsoshim_get_state(void);

/// 1 if calls may be served by a vDSO, else 0. Async-signal-safe.
int vdsoshim_is_available(void);

/// The address of the symbol that the process's vDSO defines under this name, or null. Async-signal-safe.
void *vdsoshim_lookup_symbol(const char *name);

/// The route of one of the functions above, for people: `vdso`, or `trap: ` and the reason. Null for any other name.
/// A constant string. Async-signal-safe.
const char *vdsoshim_resolution(const char *name);

// Functions that read an image. They need neither libc nor the library's constructor: the archive has them in an object of their own.
// Async-signal-safe, thread-safe, without allocation. `image` is the address of an image's first byte, the value of AT_SYSINFO_EHDR. An
// image that isn't readable or isn't for this program's architecture is refused. Nothing is read past an image's end.

/// A symbol of an image. Its strings lie in the image.
struct vdso_symbol {
  const char *name;
  /// The name of its version, null if it has none.
  const char *version;
  /// The address in this process; the value of an absolute symbol.
  uintptr_t address;
  /// The size in bytes.
  size_t size;
  /// The type: STT_FUNC (2) and others.
  unsigned char type;
  /// The binding: STB_GLOBAL (1) or STB_WEAK (2).
  unsigned char binding;
  unsigned char is_absolute;
};

/// Puts the value of a key of an auxiliary vector into `value`, unless that is null; returns 1, or 0 for a key that is not there.
int vdso_auxiliary_value(const unsigned long *vector, unsigned long key, unsigned long *value);

/// Finds an exported symbol by its name through the image's hash table, and by its version unless `version` is null. An image that defines
/// no versions satisfies every version. Returns 1, 0 if the name is not there, -1 if the image can't be used.
int vdso_find_symbol(const void *image, const char *name, const char *version, struct vdso_symbol *symbol);

/// Finds the exported symbol that covers an address, as profilers need it. Returns as `vdso_find_symbol`.
int vdso_find_address(const void *image, const void *address, struct vdso_symbol *symbol);

/// Calls `visit` with each exported symbol until it returns something other than 0. Returns its last result, or -1 if the image can't be
/// used.
int vdso_visit_symbols(const void *image, int (*visit)(const struct vdso_symbol *symbol, void *context), void *context);

#ifdef __cplusplus
}
#endif

#endif
