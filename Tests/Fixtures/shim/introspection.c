// SPDX-License-Identifier: Apache-2.0

// Prints the shim's reports about itself: state, availability, and the route of each named call.

#include <stdio.h>
#include <vdsoshim.h>

// Runs before the constructors of libraries, so before the shim's.
static int early_state = -1;
static int early_result = -1;
static void early(void) {
  struct timespec now;
  early_state = vdsoshim_get_state();
  early_result = clock_gettime(CLOCK_REALTIME, &now);
}
__attribute__((section(".preinit_array"), used)) static void (*const before_constructors)(void) = early;

int main(int count, char **names) {
  printf("early %d %d\n", early_state, early_result);
  printf("state %d available %d\n", vdsoshim_get_state(), vdsoshim_is_available());
  for (int i = 1; i < count; i++) {
    const char *resolution = vdsoshim_resolution(names[i]);
    printf("%s %s\n", names[i], resolution ? resolution : "(none)");
  }
  printf("symbol %d %d\n", vdsoshim_lookup_symbol("__vdso_clock_gettime") != NULL,
         vdsoshim_lookup_symbol("nothing") != NULL);
  return 0;
}
