// SPDX-License-Identifier: Apache-2.0

// Prints the rights with which a program runs and the page that it was given: "ours" or "kernel", its effective user, whether it may open
// raw sockets, and the value of AT_SECURE.

#define _GNU_SOURCE
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  // The note of our pages: sizes of owner and descriptor, type, owner.
  static const char name[] = "\4\0\0\0\4\0\0\0\1\0\0\0VDS";
  const char *page = (const char *)getauxval(AT_SYSINFO_EHDR);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2] = {0};
  syscall(SYS_capget, &header, sets);
  int is_ours = page != NULL && memmem(page, 4096, name, sizeof name) != NULL;
  printf("%s user %d raw %d secure %lu\n", is_ours ? "ours" : "kernel", (int)geteuid(),
         sets[0].effective >> CAP_NET_RAW & 1, getauxval(AT_SECURE));
  return 0;
}
