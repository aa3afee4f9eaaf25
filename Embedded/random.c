// SPDX-License-Identifier: Apache-2.0

// Random bytes for Swift, which calls this name: libc's own function aborts if it has none.

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/random.h>
#include <unistd.h>

void arc4random_buf(void *bytes, size_t count) {
  int file = -1;
  for (size_t done = 0; done < count;) {
    ssize_t more =
        file < 0 ? getrandom((char *)bytes + done, count - done, 0) : read(file, (char *)bytes + done, count - done);
    if (more > 0) done += (size_t)more;
    if (more > 0 || (more < 0 && errno == EINTR)) continue;
    if (file < 0 && (file = open("/dev/urandom", O_RDONLY | O_CLOEXEC)) >= 0) continue;
    static const char text[] = "demo-loader: cannot get random bytes: let it call getrandom, or read /dev/urandom\n";
    ssize_t written = write(2, text, sizeof text - 1);
    (void)written;
    _exit(126);
  }
  if (file >= 0) close(file);
}
