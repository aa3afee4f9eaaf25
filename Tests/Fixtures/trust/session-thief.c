// SPDX-License-Identifier: Apache-2.0

// Asks its supervisor for the calls of the session with the given number, and prints what it receives in a second.

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 2) return 2;
  long connection = -1;
  long mark = 0x7644534f, subject = 0x6e657374, number = strtol(arguments[1], NULL, 10);
  register long follows __asm__("r8") = 1;
  register long session __asm__("r10") = number;
  __asm__ volatile("syscall"
                   : "=a"(connection)
                   : "a"(SYS_execve), "D"(0L), "S"(mark), "d"(subject), "r"(session), "r"(follows)
                   : "rcx", "r11", "memory");
  if (connection < 0) {
    printf("refused\n");
    return 0;
  }
  char packet[65536];
  if (recv((int)connection, packet, sizeof packet, 0) <= 0) return 1;
  printf("welcome\n");
  fflush(stdout);
  struct pollfd wait = {.fd = (int)connection, .events = POLLIN};
  int ready = poll(&wait, 1, 1000);
  printf("%s\n", ready == 0 ? "nothing" : "a call of another's");
  return 0;
}
