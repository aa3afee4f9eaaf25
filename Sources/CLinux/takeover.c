#include "takeover.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clinux.h"

// Absent from musl and from glibc before 2.35.
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

uint64_t linux_rseq_size(void) {
  return &__rseq_size ? __rseq_size : 0;
}

uint64_t linux_rseq_area(void) {
  if (linux_rseq_size() == 0)
    return 0;
  return (uint64_t)((char *)__builtin_thread_pointer() + __rseq_offset);
}

extern char **environ;

char *const *linux_environment(void) {
  return environ;
}

const char *linux_error_text(int number) {
  const char *text = strerror(number);
  return text ? text : "unknown error";
}

int linux_status_of(int fd, struct linux_status *status) {
  struct stat result;
  if (fstat(fd, &result) != 0)
    return -errno;
  status->mode = result.st_mode;
  status->size = (uint64_t)result.st_size;
  return 0;
}
