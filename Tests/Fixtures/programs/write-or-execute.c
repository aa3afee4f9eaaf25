// SPDX-License-Identifier: Apache-2.0

// Executes a program that may not make memory executable in which it could write, as systemd's MemoryDenyWriteExecute= does. Usage:
// write-or-execute PROG ARG...; exits with 77 if the kernel has no such rule.

#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments) {
  // PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
  if (prctl(65, 1, 0, 0, 0) != 0) return 77;
  if (count > 1) execv(arguments[1], arguments + 1);
  return 127;
}
