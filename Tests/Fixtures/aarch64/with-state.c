// SPDX-License-Identifier: Apache-2.0

// with-state PROGRAM ARGUMENT...: executes a program from a process whose vector lengths, SVE's and SME's, are 16 bytes and inherited, as
// far as the processor has them.

#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments) {
  enum { SVE_SET = 50, SME_SET = 63, INHERITED = 1 << 17, LENGTH = 16 };
  prctl(SVE_SET, LENGTH | INHERITED, 0, 0, 0);
  prctl(SME_SET, LENGTH | INHERITED, 0, 0, 0);
  return count < 2 || execvp(arguments[1], arguments + 1);
}
