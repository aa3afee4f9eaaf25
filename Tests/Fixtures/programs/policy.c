// SPDX-License-Identifier: Apache-2.0

// Executes a program as another user under a tracer that a filter notifies of each execve, and that refuses one path, as sudo's intercept
// does: policy USER FORBIDDEN PROGRAM [ARGUMENT...]. The user is a number.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(uid_t user, char **program) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_execve, 0, 1),
      BPF_STMT(BPF_RET, SECCOMP_RET_TRACE),
      BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof code / sizeof *code, code};
  raise(SIGSTOP);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) _exit(2);
  if (user != getuid() && setresuid(user, user, user) != 0) _exit(2);
  execv(*program, program);
  fprintf(stderr, "%s: %s\n", *program, strerror(errno));
  _exit(126);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  pid_t child = fork();
  if (child == 0) become((uid_t)atoi(argv[1]), argv + 3);
  int status;
  waitpid(child, &status, WUNTRACED);
  int options =
      PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, child, 0, options) != 0) return 2;
  kill(child, SIGCONT);
  int result = 2;
  for (pid_t task; (task = waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (task == child) result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    int signal = status >> 16 ? 0 : WSTOPSIG(status);
    if (status >> 16 == PTRACE_EVENT_SECCOMP) {
      struct user_regs_struct registers;
      char path[256] = "";
      ptrace(PTRACE_GETREGS, task, 0, &registers);
      struct iovec local = {path, sizeof path - 1}, remote = {(void *)registers.rdi, sizeof path - 1};
      remote.iov_len = local.iov_len =
          4096 - registers.rdi % 4096 < local.iov_len ? 4096 - registers.rdi % 4096 : local.iov_len;
      process_vm_readv(task, &local, 1, &remote, 1, 0);
      if (strcmp(path, argv[2]) == 0) {
        registers.orig_rax = (uint64_t)-1;
        registers.rax = (uint64_t)-EACCES;
        ptrace(PTRACE_SETREGS, task, 0, &registers);
      }
    }
    ptrace(PTRACE_CONT, task, 0, signal == SIGSTOP ? 0 : signal);
  }
  return result;
}
