#include "linux_memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "system_call.h"

int linux_getpid(void) {
  return (int)linux_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

// The kernel reports whole `iovec` elements only, so the range is cut at page boundaries: what precedes an unreadable
// page is still returned.
enum { PAGE = 4096, ELEMENTS = 64 };

static size_t split(uint64_t address, size_t count, struct iovec *ranges, size_t *covered) {
  size_t used = 0;
  *covered = 0;
  while (*covered < count && used < ELEMENTS) {
    uint64_t start = address + *covered;
    size_t size = PAGE - (size_t)(start % PAGE);
    if (size > count - *covered)
      size = count - *covered;
    ranges[used].iov_base = (void *)(uintptr_t)start;
    ranges[used++].iov_len = size;
    *covered += size;
  }
  return used;
}

int64_t linux_read_memory(int pid, uint64_t address, void *buffer, size_t count) {
  size_t done = 0;
  while (done < count) {
    struct iovec ranges[ELEMENTS];
    size_t covered;
    size_t used = split(address + done, count - done, ranges, &covered);
    struct iovec local = {(char *)buffer + done, covered};
    long result = linux_syscall(SYS_process_vm_readv, pid, (long)&local, 1, (long)ranges, (long)used, 0);
    if (result < 0)
      return done > 0 ? (int64_t)done : result;
    done += (size_t)result;
    if ((size_t)result < covered)
      break;
  }
  return (int64_t)done;
}

int linux_write_memory(int pid, uint64_t address, const void *buffer, size_t count) {
  struct iovec local = {(void *)buffer, count}, remote = {(void *)(uintptr_t)address, count};
  long result = linux_syscall(SYS_process_vm_writev, pid, (long)&local, 1, (long)&remote, 1, 0);
  return result < 0 ? (int)result : (size_t)result == count ? 0 : -EFAULT;
}

// The kernel copies the mask before it looks at what to do with it, and there is no such thing to do: EFAULT or EINVAL.
bool linux_is_readable(uint64_t address) {
  return linux_syscall(SYS_rt_sigprocmask, -1, (long)address, 0, 8, 0, 0) != -EFAULT;
}
