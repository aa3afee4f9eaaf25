// SPDX-License-Identifier: Apache-2.0

// The kernel's date, also where calls that read clocks are answered: it is that of a file.

#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/// The hours, rounded, by which a date in seconds is ahead of the kernel's; -1000000 if that is unknown.
static int64_t hours_ahead(int64_t seconds) {
  const int64_t hour = 3600;
  struct stat status;
  int file = memfd_create("date", 0), result = file < 0 ? -1 : fstat(file, &status);
  close(file);
  if (result != 0) return -1000000;
  int64_t distance = seconds - status.st_mtim.tv_sec;
  return (distance + (distance < 0 ? -1 : 1) * hour / 2) / hour;
}
