// SPDX-License-Identifier: Apache-2.0

// The first task. Usage, on the kernel's command line: task HOST DEVICE PART...: the numbers of two privileged ports, and what to run.

#include "claims.h"
#include "mach_task.h"
#include "report.h"
#include "tests.h"

static int asked_for(const char *part, int count, char **arguments) {
  for (int i = 3; i < count; i++)
    if (strcmp(arguments[i], part) == 0) return 1;
  return 0;
}

static void test_producer(unsigned deaths) {
  server_t server = start_server();
  test_pages(server);
  test_children(server);
  test_readers(server);
  test_deaths(server, deaths);
  test_date(server);
  test_without_server(server);
}

// `stack` is the initial stack: the count of the arguments, and their addresses.
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
  // Nothing may be mapped at a null pointer, because vm_map gives out the lowest addresses.
  vm_address_t null = 0;
  vm_map(mach_task_self(), &null, PAGE, 0, 0, MACH_PORT_NULL, 0, 0, VM_PROT_NONE, VM_PROT_NONE, VM_INHERIT_COPY);
  report_faults();
  if (asked_for("fault", count, arguments)) *(volatile char *)arguments[3] = *(volatile char *)(uintptr_t)count;
  if (asked_for("claims", count, arguments)) ask_claims();
  if (asked_for("cost", count, arguments)) measure_cost();
  if (asked_for("pages", count, arguments)) test_producer(asked_for("long", count, arguments) ? 100 : 20);
  finish();
}
