// SPDX-License-Identifier: Apache-2.0

// Random bytes for Swift, which calls this name: libc's own function aborts if it has none.

#include "give_up.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

void arc4random_buf(void *bytes, size_t count) {
  int file = -1;
  for (size_t done = 0; done < count;) {
    ssize_t more =
        file < 0 ? getrandom((char *)bytes + done, count - done, 0) : read(file, (char *)bytes + done, count - done);
    if (more > 0) done += (size_t)more;
    if (more > 0 || (more < 0 && errno == EINTR)) continue;
    if (file < 0 && (file = open("/dev/urandom", O_RDONLY | O_CLOEXEC)) >= 0) continue;
    give_up("cannot get random bytes: let it call getrandom, or read /dev/urandom\n");
  }
  if (file >= 0) close(file);
}
