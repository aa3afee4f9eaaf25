// SPDX-License-Identifier: Apache-2.0

// Shows a running process another time, or returns it to the host's.
// Usage: attach PROCESS SPECIFICATION, attach PROCESS

#include <stdio.h>
#include <stdlib.h>

#include "vdso_session.h"

int main(int count, char **arguments) {
  char reason[300];
  if (count < 2) return 2;
  int32_t process = atoi(arguments[1]);
  int result = count > 2 ? vdso_session_attach(process, arguments[2], VDSO_SESSION_REALTIME, reason, sizeof reason)
                         : vdso_session_detach(process, reason, sizeof reason);
  if (result != 0) puts(reason);
  return result != 0;
}
