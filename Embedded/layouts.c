// SPDX-License-Identifier: Apache-2.0

// Swift's modules are compiled with the headers of one C library, and run with another's as well. This file is compiled with those of both:
// the types that Swift uses have the same layout in them, most because the kernel gives it.

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#if defined(__x86_64__)

#define IS(value, number) _Static_assert((value) == (number), #value)

IS(sizeof(struct stat), 144);
IS(offsetof(struct stat, st_dev), 0);
IS(offsetof(struct stat, st_ino), 8);
IS(offsetof(struct stat, st_nlink), 16);
IS(offsetof(struct stat, st_mode), 24);
IS(offsetof(struct stat, st_uid), 28);
IS(offsetof(struct stat, st_gid), 32);
IS(offsetof(struct stat, st_rdev), 40);
IS(offsetof(struct stat, st_size), 48);
IS(offsetof(struct stat, st_atim), 72);
IS(offsetof(struct stat, st_mtim), 88);
IS(offsetof(struct stat, st_ctim), 104);

IS(sizeof(struct tm), 56);
IS(offsetof(struct tm, tm_sec), 0);
IS(offsetof(struct tm, tm_year), 20);
IS(offsetof(struct tm, tm_isdst), 32);
IS(offsetof(struct tm, tm_gmtoff), 40);
IS(offsetof(struct tm, tm_zone), 48);

IS(sizeof(struct timespec), 16);
IS(sizeof(struct timeval), 16);
IS(sizeof(struct rlimit), 16);
IS(sizeof(struct pollfd), 8);
IS(sizeof(sigset_t), 128);
IS(sizeof(posix_spawn_file_actions_t), 80);

IS(offsetof(struct dirent, d_ino), 0);
IS(offsetof(struct dirent, d_reclen), 16);
IS(offsetof(struct dirent, d_type), 18);
IS(offsetof(struct dirent, d_name), 19);

#endif
