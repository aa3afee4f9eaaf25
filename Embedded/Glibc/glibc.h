// SPDX-License-Identifier: Apache-2.0

// The parts of the C library that the command's run path uses, and replacements for those that Swift can't import: macros that are
// expressions, and functions with variable arguments.

#ifndef EMBEDDED_GLIBC_H
#define EMBEDDED_GLIBC_H

#define _GNU_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline char **embedded_environ(void) { return environ; }
static inline int embedded_errno(void) { return errno; }
static inline void embedded_set_errno(int number) { errno = number; }
static inline int embedded_open(const char *path, int flags) { return open(path, flags); }
static inline int embedded_fcntl(int file, int command, int argument) { return fcntl(file, command, argument); }

#endif
