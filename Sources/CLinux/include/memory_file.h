// SPDX-License-Identifier: Apache-2.0

// Constants of memory files and mappings that Swift's Glibc module lacks, from <linux/fcntl.h>, <linux/memfd.h> and <linux/mman.h>.

#ifndef CLINUX_MEMORY_FILE_H
#define CLINUX_MEMORY_FILE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  LINUX_F_ADD_SEALS = 1033,
  // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_FUTURE_WRITE.
  LINUX_SEALS = 0x1 | 0x2 | 0x4 | 0x10,
  // MFD_CLOEXEC and MFD_ALLOW_SEALING.
  LINUX_MEMORY_FILE_FLAGS = 0x1 | 0x2,
  LINUX_MAP_FIXED_NOREPLACE = 0x100000,
  LINUX_MADV_WIPEONFORK = 18,
  LINUX_NR_MSEAL = 462,
};

/// Makes a memory file that can be sealed, closed on exec: a descriptor, or -1 and `errno`. `name` is copied.
///
/// The corresponding C function is `memfd_create`.
int linux_memory_file(const char *name);

/// Whether a process has opened `file` in addition to this descriptor and its copies, or has mapped such a descriptor; false if that can't
/// be found out. The corresponding C function is `fcntl` with F_SETLEASE.
bool linux_is_open_elsewhere(int file);

/// Whether process `pid`, 0 for this one, may write files of `size` bytes, memory files included. If not, SIGXFSZ would end it.
///
/// Also true if that can't be found out. The corresponding C constant is `RLIMIT_FSIZE`.
bool linux_may_write_files(int pid, uint64_t size);

#endif
