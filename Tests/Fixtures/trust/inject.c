// SPDX-License-Identifier: Apache-2.0

// Runs a program in a world that fails on purpose.
// Usage: inject FAULT... -- PROGRAM ARG...; faults are
//     CALL=ERRNO       the system call fails, each time; CALL:NUMBER=ERRNO where its first argument is the number
//     CALL=KILL        the system call ends the process
//     at=N,ERRNO       the N-th system call of the program and its descendants, from 1, fails
//     interrupt        of the calls that signals may interrupt, each second one of a thread fails with EINTR
//     count            nothing fails
//     as=BYTES nofile=COUNT fsize=BYTES        resource limits
//     noproc           an empty directory in place of /proc
// Exits with the program's status, or 128 plus the number of the signal that ended it. With at, interrupt and count it prints the number of
// calls to descriptor 9, and exits with 99 if a process still runs after PATIENCE seconds.

#include "inject.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

static struct sock_filter filter[256];
static unsigned short length;

static void add(unsigned short code, unsigned char yes, unsigned char no, uint32_t value) {
  filter[length++] = (struct sock_filter){code, yes, no, value};
}

#define LOAD(field) add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, field))

static void fail(const char *what) {
  perror(what);
  exit(98);
}

// CALL[:NUMBER]=ACTION
static void add_rule(char *text) {
  char *equals = strchr(text, '=');
  if (equals == NULL) fail(text);
  *equals = 0;
  char *colon = strchr(text, ':');
  if (colon != NULL) *colon = 0;
  uint32_t action = strcmp(equals + 1, "KILL") == 0 ? SECCOMP_RET_KILL_PROCESS
                                                    : SECCOMP_RET_ERRNO | (uint32_t)error_number(equals + 1);
  LOAD(nr);
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, colon != NULL ? 3 : 1, (uint32_t)call_number(text));
  if (colon != NULL) {
    LOAD(args[0]);
    add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)strtoul(colon + 1, NULL, 0));
  }
  add(BPF_RET | BPF_K, 0, 0, action);
}

static void limit(int resource, const char *text) {
  struct rlimit value = {strtoul(text, NULL, 0), strtoul(text, NULL, 0)};
  if (setrlimit(resource, &value) != 0) fail("setrlimit");
}

static void hide_proc(void) {
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("none", "/proc", "tmpfs", 0, NULL) != 0)
    fail("hide /proc");
}

static int install(unsigned long flags) {
  struct sock_fprog program = {length, filter};
  if (geteuid() != 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// Starts the program in a process that shares this one's descriptors until it executes, so that this one gets the listening end.
static int run_watched(char **command, const struct plan *plan) {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  volatile int *listener = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int count = dup(9);
  close(9);
  if (count >= 0) fcntl(count, F_SETFD, FD_CLOEXEC);
  pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) {
    int descriptor = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE);
    *listener = descriptor < 0 ? -1 : descriptor;
    if (descriptor >= 0) execvp(command[0], command);
    _exit(98);
  }
  while (*listener == 0) sched_yield();
  if (*listener < 0) fail("listen");
  return watch(*listener, child, plan, count);
}

int main(int argc, char **argv) {
  struct plan plan = {.mode = NOTHING};
  static char *rules[32];
  int rule_count = 0, no_proc = 0, i = 1;
  for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
    char *value = strchr(argv[i], '=');
    if (strncmp(argv[i], "at=", 3) == 0) {
      plan.mode = AT;
      plan.at = strtol(value + 1, &value, 10);
      plan.error = error_number(value + 1);
    } else if (strcmp(argv[i], "interrupt") == 0) {
      plan.mode = INTERRUPT;
    } else if (strcmp(argv[i], "count") == 0) {
      plan.mode = COUNT;
    } else if (strcmp(argv[i], "noproc") == 0) {
      no_proc = 1;
    } else if (strncmp(argv[i], "as=", 3) == 0) {
      limit(RLIMIT_AS, value + 1);
    } else if (strncmp(argv[i], "nofile=", 7) == 0) {
      limit(RLIMIT_NOFILE, value + 1);
    } else if (strncmp(argv[i], "fsize=", 6) == 0) {
      limit(RLIMIT_FSIZE, value + 1);
    } else {
      rules[rule_count++] = argv[i];
    }
  }
  if (i + 1 >= argc) return 98;
  if (no_proc) hide_proc();
  // Closes inherited descriptors, so that any that are open later were left open by the program.
  syscall(SYS_close_range, 3, 8, 0);
  syscall(SYS_close_range, 10, ~0U, 0);
  // Calls of 32-bit programs have other numbers, so they pass.
  LOAD(arch);
  add(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  for (int rule = 0; rule < rule_count; rule++) add_rule(rules[rule]);
  add(BPF_RET | BPF_K, 0, 0, plan.mode == NOTHING ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF);
  if (plan.mode != NOTHING) return run_watched(argv + i + 1, &plan);
  if (rule_count > 0 && install(0) < 0) fail("seccomp");
  execvp(argv[i + 1], argv + i + 1);
  return 98;
}
