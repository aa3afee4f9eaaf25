// SPDX-License-Identifier: Apache-2.0

// Makes each call that waits in a thread of its own, until its input ends. Prints its process id when all calls wait. At the end, prints
// "0 failures", or the calls that have returned, with their error numbers: none returns by itself.

#include "waiting-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALL(name) \
  { #name, wait_##name, 0 }
static struct wait {
  const char *name;
  long (*wait)(void);
  atomic_int thread;
} waits[] = {
    CALL(epoll),
    CALL(epoll_pwait),
    CALL(epoll_pwait2),
    CALL(poll),
    CALL(ppoll),
    CALL(select),
    CALL(nanosleep),
    CALL(clock_nanosleep),
    CALL(until),
    CALL(futex),
    CALL(futex_until),
    CALL(futex_forever),
    CALL(futex_waitv),
    CALL(lock_pi),
    CALL(semop),
    CALL(semtimedop),
    CALL(msgrcv),
    CALL(mq_timedreceive),
    CALL(accept),
    CALL(accept4),
    CALL(connect),
    CALL(recv),
    CALL(recvmsg),
    CALL(recvmmsg),
    CALL(send),
    CALL(sendmsg),
    CALL(sendmmsg),
    CALL(read_socket),
    CALL(readv_socket),
    CALL(preadv2_socket),
    CALL(write_socket),
    CALL(writev_socket),
    CALL(pwritev2_socket),
    CALL(sendfile_socket),
    CALL(sendfile),
    CALL(splice_socket),
    CALL(splice),
    CALL(vmsplice),
    CALL(read),
    CALL(write),
    CALL(tty),
    CALL(inotify),
    CALL(signalfd),
    CALL(timerfd),
    CALL(eventfd),
    CALL(io_getevents),
    CALL(io_pgetevents),
    CALL(io_uring),
    CALL(sigtimedwait),
    CALL(sigsuspend),
    CALL(pause),
    CALL(lock),
    CALL(fcntl_lock),
    CALL(wait4),
    CALL(waitid),
};
enum { COUNT = sizeof waits / sizeof *waits };

static atomic_int failures;

static void *run(void *argument) {
  struct wait *wait = argument;
  wait->thread = (int)syscall(SYS_gettid);
  for (int round = 0; round < 3; round++) {
    errno = 0;
    long result = wait->wait();
    printf("%s: %ld, %s\n", wait->name, result, strerror(errno));
    fflush(stdout);
    failures++;
  }
  return NULL;
}

static int is_waiting(int thread) {
  char path[64], text[256] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  int file = open(path, O_RDONLY);
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  char *end = strrchr(text, ')');
  return end && end[2] == 'S';
}

int main(void) {
  clock_gettime(CLOCK_MONOTONIC, &tomorrow);
  tomorrow.tv_sec += 86400;
  semaphores = semget(IPC_PRIVATE, 1, 0600), messages = msgget(IPC_PRIVATE, 0600);
  pid_t parent = getpid();
  child = fork();
  if (child == 0) {
    // When the parent is gone, nothing else removes them.
    while (getppid() == parent) usleep(100000);
    semctl(semaphores, 0, IPC_RMID), msgctl(messages, IPC_RMID, NULL);
    _exit(0);
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 17);
  for (int index = 0; index < COUNT; index++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, run, &waits[index])) return 2;
  }
  for (int index = 0; index < COUNT; index++) {
    // It must be seen waiting twice, because a wait for a lock of the C library ends soon.
    for (int seen = 0; seen < 2;) {
      usleep(2000);
      seen = waits[index].thread && is_waiting(waits[index].thread) ? seen + 1 : 0;
    }
  }
  printf("%d\n", (int)getpid());
  fflush(stdout);
  char input;
  while (read(0, &input, 1) > 0) {
    // By then each call that has returned is counted.
    usleep(20000);
    printf("%d failures\n", failures);
    fflush(stdout);
  }
  printf("%d failures\n", failures);
  fflush(stdout);
  _exit(failures != 0);
}
