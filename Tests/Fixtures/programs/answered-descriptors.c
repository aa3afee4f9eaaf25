// SPDX-License-Identifier: Apache-2.0

// A child answers 20,000 system calls of this process with a descriptor, while another child stops and continues it all the time. Each call
// must return a valid descriptor, and no descriptor may be left.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clinux.h"

static const int rounds = 20000;

static void answer(int listener) {
  struct linux_notification notification;
  int file = memfd_create("answer", MFD_CLOEXEC), result;
  for (;;) {
    result = linux_receive_call(listener, &notification);
    if (result == 0) linux_answer_call_with_descriptor(listener, notification.id, file, 0);
    if (result < 0 && result != -ENOENT && result != -EINTR) _exit(1);
  }
}

static void pause_briefly(int length) {
  for (volatile int i = 0; i < length; i++) {
  }
}

static void stop_repeatedly(pid_t victim) {
  for (unsigned length = 1;; length = length * 5 % 3001) {
    kill(victim, SIGSTOP);
    pause_briefly(2000);
    kill(victim, SIGCONT);
    pause_briefly((int)length);
  }
}

int main(void) {
  struct sock_filter program[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                                  BPF_STMT(BPF_RET, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW)};
  int listener = linux_listen_for_calls((const uint64_t *)program, 4, true);
  if (listener < 0) return 2;
  pid_t answerer = fork();
  if (answerer == 0) answer(listener);
  pid_t stopper = fork();
  if (stopper == 0) stop_repeatedly(answerer);
  close(listener);
  int before = dup(0), failures = 0;
  close(before);
  for (int i = 0; i < rounds; i++) {
    long descriptor = syscall(SYS_getppid);
    if (descriptor <= 0 || close((int)descriptor) != 0) failures++;
  }
  int after = dup(0);
  kill(stopper, SIGKILL);
  kill(answerer, SIGKILL);
  while (wait(NULL) > 0) {
  }
  printf("%d failures\n", failures + (before != after));
  return 0;
}
