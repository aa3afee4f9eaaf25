// SPDX-License-Identifier: Apache-2.0

// Loads the library that the argument names by dlopen while threads run, calls it from all of them, and closes it. Prints each failure;
// exits with 1 if there was one.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, CALLS = 20000 };

typedef int clock_function(clockid_t, struct timespec *);
static clock_function *shim_clock;

// Each reading must lie between two of the kernel's.
static void *read_clock(void *wrong) {
  for (int i = 0; i < CALLS; i++) {
    struct timespec before, between, after;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &before);
    int result = shim_clock(CLOCK_MONOTONIC, &between);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after);
    long long low = before.tv_sec * 1000000000LL + before.tv_nsec, high = after.tv_sec * 1000000000LL + after.tv_nsec;
    long long value = between.tv_sec * 1000000000LL + between.tv_nsec;
    if (result != 0 || value < low || value > high) *(int *)wrong = 1;
  }
  return NULL;
}

// The vfork here is libc's.
static int is_right_in_child(pid_t (*shim_getpid)(void)) {
  int status = 0;
  pid_t pid = vfork();
  if (pid == 0) _exit(shim_getpid() != syscall(SYS_getpid));
  return waitpid(pid, &status, 0) == pid && status == 0;
}

int main(int count, char **arguments) {
  int failures = 0;
  for (int round = 0; round < 3; round++) {
    void *library = dlopen(count > 1 ? arguments[1] : "libvdsoshim.so", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
      puts(dlerror());
      return 1;
    }
    shim_clock = (clock_function *)dlsym(library, "clock_gettime");
    pid_t (*shim_getpid)(void) = (pid_t(*)(void))dlsym(library, "getpid");
    const char *(*resolution)(const char *) = (const char *(*)(const char *))dlsym(library, "vdsoshim_resolution");
    if ((void *)shim_clock == dlsym(RTLD_DEFAULT, "clock_gettime") || strncmp(resolution("getpid"), "trap: ", 6) != 0) {
      puts("the library was not loaded beside libc's functions");
      failures++;
    }
    pthread_t threads[THREADS];
    int wrong[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, read_clock, &wrong[i]);
    for (int i = 0; i < THREADS; i++) {
      pthread_join(threads[i], NULL);
      failures += wrong[i];
    }
    if (!is_right_in_child(shim_getpid)) {
      puts("getpid is wrong in a child of vfork");
      failures++;
    }
    dlclose(library);
  }
  return failures != 0;
}
