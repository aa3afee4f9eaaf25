// SPDX-License-Identifier: Apache-2.0

// How code without an error to return ends: the launcher with a line for people and a status of its own, a library by SIGABRT, because the
// program is another's.

#ifndef GIVE_UP_H
#define GIVE_UP_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void give_up(const char *reason) {
#ifdef IN_LIBRARY
  static const char name[] = "libSessionInterface: ";
#else
  static const char name[] = "demo-loader: ";
#endif
  ssize_t written = write(2, name, sizeof name - 1) + write(2, reason, strlen(reason));
  (void)written;
#ifdef IN_LIBRARY
  abort();
#else
  _exit(126);
#endif
}

#endif
