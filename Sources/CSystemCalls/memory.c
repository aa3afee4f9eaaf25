// SPDX-License-Identifier: Apache-2.0

#include "linux_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "system_call.h"

int linux_getpid(void) { return (int)linux_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0); }

// The kernel reports whole `iovec` elements only, so the range is cut at page boundaries: what precedes an unreadable
// page is still returned.
enum { PAGE = 4096, ELEMENTS = 64 };

static size_t split(uint64_t address, size_t count, struct iovec *ranges, size_t *covered) {
  size_t used = 0;
  *covered = 0;
  while (*covered < count && used < ELEMENTS) {
    uint64_t start = address + *covered;
    size_t size = PAGE - (size_t)(start % PAGE);
    if (size > count - *covered) size = count - *covered;
    ranges[used].iov_base = (void *)(uintptr_t)start;
    ranges[used++].iov_len = size;
    *covered += size;
  }
  return used;
}

// Does the same through /proc/PID/mem, where process_vm_readv and process_vm_writev are missing or forbidden.
static long transfer_by_file(long call, int pid, uint64_t address, void *buffer, size_t count) {
  char path[] = "/proc/0000000000/mem";
  for (int digit = 15; digit >= 6; digit--, pid /= 10) path[digit] = (char)('0' + pid % 10);
  // An address with leading zeros would name no file.
  int zeros = 0;
  while (zeros < 9 && path[6 + zeros] == '0') zeros++;
  for (size_t i = 6; i + (size_t)zeros < sizeof path; i++) path[i] = path[i + (size_t)zeros];
  int fd = (int)linux_syscall(SYS_openat, AT_FDCWD, (long)path, (call == SYS_pread64 ? O_RDONLY : O_RDWR) | O_CLOEXEC,
                              0, 0, 0);
  if (fd < 0) return fd;
  long result = linux_syscall(call, fd, (long)buffer, (long)count, (long)address, 0, 0);
  linux_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
  return result == -EIO ? -EFAULT : result;
}

// The result of the call, or, if the call isn't possible, that of the transfer through the file.
static long transfer(long result, long call, int pid, uint64_t address, void *buffer, size_t count) {
  if (result != -ENOSYS && result != -EPERM) return result;
  long other = transfer_by_file(call, pid, address, buffer, count);
  return other == -EFAULT || other >= 0 ? other : result;
}

// Reads this process's own memory without calls that sandboxes forbid or punish: it tests that a page is readable before it reads it.
static int64_t read_own_memory(uint64_t address, char *buffer, size_t count) {
  size_t done = 0;
  while (done < count && linux_is_readable((address + done) & ~(uint64_t)7)) {
    size_t size = PAGE - (size_t)((address + done) % PAGE);
    if (size > count - done) size = count - done;
    memcpy(buffer + done, (const void *)(uintptr_t)(address + done), size);
    done += size;
  }
  return done > 0 || count == 0 ? (int64_t)done : -EFAULT;
}

int64_t linux_read_memory(int pid, uint64_t address, void *buffer, size_t count) {
  if (pid == linux_getpid()) return read_own_memory(address, buffer, count);
  size_t done = 0;
  while (done < count) {
    struct iovec ranges[ELEMENTS];
    size_t covered;
    size_t used = split(address + done, count - done, ranges, &covered);
    struct iovec local = {(char *)buffer + done, covered};
    long result = linux_syscall(SYS_process_vm_readv, pid, (long)&local, 1, (long)ranges, (long)used, 0);
    result = transfer(result, SYS_pread64, pid, address + done, local.iov_base, covered);
    if (result < 0) return done > 0 ? (int64_t)done : result;
    done += (size_t)result;
    if ((size_t)result < covered) break;
  }
  return (int64_t)done;
}

int linux_write_memory(int pid, uint64_t address, const void *buffer, size_t count) {
  struct iovec local = {(void *)buffer, count}, remote = {(void *)(uintptr_t)address, count};
  long result = linux_syscall(SYS_process_vm_writev, pid, (long)&local, 1, (long)&remote, 1, 0);
  result = transfer(result, SYS_pwrite64, pid, address, local.iov_base, count);
  return result < 0 ? (int)result : (size_t)result == count ? 0 : -EFAULT;
}

// The kernel copies the mask before it looks at the operation, and operation -1 doesn't exist. The result is EFAULT, or EINVAL if the mask
// could be read. Any other result doesn't come from the kernel.
bool linux_is_readable(uint64_t address) {
  return linux_syscall(SYS_rt_sigprocmask, -1, (long)address, 0, 8, 0, 0) == -EINVAL;
}
