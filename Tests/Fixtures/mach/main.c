// The first task. Usage, on the kernel's command line: task HOST DEVICE PART...: the numbers of two privileged ports, and what to run.

#include "claims.h"
#include "mach_task.h"
#include "report.h"

static int asked_for(const char *part, int count, char **arguments) {
  for (int i = 3; i < count; i++)
    if (strcmp(arguments[i], part) == 0) return 1;
  return 0;
}

// `stack` is what the kernel leaves on it: the count of the arguments, and their addresses.
void start(void **stack) {
  int count = (int)stack[0];
  char **arguments = (char **)&stack[1];
  if (count >= 3) {
    host_privileged = (mach_port_t)(arguments[1][0] - '0');
    device_master = (mach_port_t)(arguments[2][0] - '0');
  }
  kernel_version_t version;
  host_kernel_version(mach_host_self(), version);
  say("begin: %s", version);
  report_faults();
  if (asked_for("fault", count, arguments)) *(volatile char *)arguments[3] = *(volatile char *)(uintptr_t)count;
  if (asked_for("claims", count, arguments)) ask_claims();
  finish();
}
