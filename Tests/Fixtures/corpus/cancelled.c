// SPDX-License-Identifier: Apache-2.0

// Cancels a thread that waits in a system call, and prints whether the cleanup in its frames has run.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int cleaned;

static void note(int *value) { cleaned += *value; }

static void *work(void *ends) {
  __attribute__((cleanup(note))) int one = 1;
  char byte;
  (void)one;
  return read(*(int *)ends, &byte, 1) == 1 ? NULL : ends;
}

int main(void) {
  int ends[2];
  pthread_t thread;
  if (pipe(ends) || pthread_create(&thread, NULL, work, ends)) return 2;
  usleep(50000);
  pthread_cancel(thread);
  void *result;
  pthread_join(thread, &result);
  printf("cancelled: %d, cleaned up: %d\n", result == PTHREAD_CANCELED, cleaned);
  return cleaned != 1;
}
