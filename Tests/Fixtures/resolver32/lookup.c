// SPDX-License-Identifier: Apache-2.0

// vdsoshim_lookup_symbol, made from the functions on images, because the libc shim doesn't exist for i386.

#include <sys/auxv.h>
#include <vdsoshim.h>

void *vdsoshim_lookup_symbol(const char *name) {
  struct vdso_symbol symbol;
  int found = vdso_find_symbol((const void *)getauxval(AT_SYSINFO_EHDR), name, NULL, &symbol);
  return found == 1 ? (void *)symbol.address : NULL;
}
