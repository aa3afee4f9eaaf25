// SPDX-License-Identifier: Apache-2.0

// Sets a filter on system calls and executes a program: sandbox ACTION [only] NAME... -- PROGRAM [ARGUMENT...]
//
// The action (kill, thread, trap, errno, eperm, trace) applies to the named calls, or with "only" to all others. The name execve stands for
// the execve of PROGRAM's path alone. NAME:INDEX=VALUE is a call whose argument has that low half. Filters both 64-bit and 32-bit calls.
// Exit status 2 means that the filter was refused.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct call {
  const char *name;
  int number, number32;
} calls[] = {
    {"access", 21, 33},
    {"arch_prctl", 158, 384},
    {"brk", 12, 45},
    {"clock_gettime", 228, 403},
    {"close", 3, 6},
    {"clone", 56, 120},
    {"execve", 59, 11},
    {"exit", 60, 1},
    {"exit_group", 231, 252},
    {"fcntl", 72, 221},
    {"fstat", 5, 197},
    {"futex", 202, 240},
    {"getpid", 39, 20},
    {"getppid", 110, 64},
    {"getrandom", 318, 355},
    {"ioctl", 16, 54},
    {"lseek", 8, 19},
    {"madvise", 28, 219},
    {"memfd_create", 319, 356},
    {"mmap", 9, 192},
    {"mprotect", 10, 125},
    {"mseal", 462, 462},
    {"munmap", 11, 91},
    {"newfstatat", 262, 300},
    {"openat", 257, 295},
    {"pidfd_getfd", 438, 438},
    {"pidfd_open", 434, 434},
    {"prctl", 157, 172},
    {"pread64", 17, 180},
    {"prlimit64", 302, 340},
    {"ptrace", 101, 26},
    {"read", 0, 3},
    {"readlink", 89, 85},
    {"recvmsg", 47, 372},
    {"rseq", 334, 386},
    {"rt_sigprocmask", 14, 175},
    {"rt_sigreturn", 15, 173},
    {"seccomp", 317, 354},
    {"set_robust_list", 273, 311},
    {"set_thread_area", 205, 243},
    {"set_tid_address", 218, 258},
    {"socketpair", 53, 360},
    {"statx", 332, 383},
    {"tgkill", 234, 270},
    {"timerfd_create", 283, 322},
    {"timerfd_settime", 286, 325},
    {"uname", 63, 122},
    {"wait4", 61, 114},
    {"write", 1, 4},
    {"writev", 20, 146},
    {"writev", 20, 146},
    {"process_vm_writev", 311, 348},
    {"ugetrlimit", 97, 191},
    {"nanosleep", 35, 162},
    {"alarm", 37, 27},
    {"setitimer", 38, 104},
    {"poll", 7, 168},
    {"ppoll", 271, 309},
    {"statfs", 137, 99},
    {"capget", 125, 184},
    {"capset", 126, 185},
    {"faccessat2", 439, 439},
    {"clock_adjtime", 305, 343},
    {"getdents64", 217, 220},
    {"setsid", 112, 66},
    {"pidfd_send_signal", 424, 424},
    {"readlinkat", 267, 305},
    {"pwrite64", 18, 181},
    {"kcmp", 312, 349},
};

static const struct call *call_of(const char *name) {
  size_t size = strcspn(name, ":");
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    if (strncmp(calls[i].name, name, size) == 0 && calls[i].name[size] == 0) return &calls[i];
  fprintf(stderr, "sandbox: no call %s\n", name);
  exit(2);
}

static struct sock_filter code[1024];
static unsigned short count;

static void append(uint16_t kind, uint32_t operand, uint8_t equal, uint8_t unequal) {
  code[count++] = (struct sock_filter){kind, equal, unequal, operand};
}

// The rules for calls of one kind of program: `hit` for named calls, `miss` for others.
static void append_calls(char **names, int is_32bit, uint64_t path, uint32_t hit, uint32_t miss) {
  append(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
  for (char **name = names; strcmp(*name, "--") != 0; name++) {
    const struct call *call = call_of(*name);
    uint32_t index = 0, value = (uint32_t)path;
    const char *condition = strchr(*name, ':');
    if (condition != NULL) {
      char *end;
      index = (uint32_t)strtoul(condition + 1, &end, 0);
      value = (uint32_t)strtoul(end + 1, NULL, 0);
    }
    int has_condition = condition != NULL || (call->number == SYS_execve && !is_32bit);
    append(BPF_JMP | BPF_JEQ, (uint32_t)(is_32bit ? call->number32 : call->number), 0, has_condition ? 4 : 1);
    if (has_condition) {
      append(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + 8 * index), 0, 0);
      append(BPF_JMP | BPF_JEQ, value, 0, 1);
      append(BPF_RET, hit, 0, 0);
      append(BPF_RET, miss, 0, 0);
    } else {
      append(BPF_RET, hit, 0, 0);
    }
  }
  append(BPF_RET, miss, 0, 0);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  static const struct {
    const char *name;
    uint32_t value;
  } actions[] = {{"kill", SECCOMP_RET_KILL_PROCESS},   {"thread", SECCOMP_RET_KILL_THREAD},
                 {"trap", SECCOMP_RET_TRAP},           {"errno", SECCOMP_RET_ERRNO | ENOSYS},
                 {"eperm", SECCOMP_RET_ERRNO | EPERM}, {"trace", SECCOMP_RET_TRACE}};
  uint32_t action = 0;
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
    if (strcmp(actions[i].name, argv[1]) == 0) action = actions[i].value;
  char **names = argv + 2, **program = names;
  int only = strcmp(*names, "only") == 0;
  if (only) names++;
  while (*program && strcmp(*program, "--") != 0) program++;
  if (!*program) return 2;
  program++;
  uint32_t hit = only ? SECCOMP_RET_ALLOW : action, miss = only ? action : SECCOMP_RET_ALLOW;
  append(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
  append(BPF_JMP | BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
  unsigned short jump = count;
  append(BPF_JMP | BPF_JA, 0, 0, 0);
  append_calls(names, 0, (uint64_t)(uintptr_t)*program, hit, miss);
  code[jump].k = (uint32_t)(count - jump - 1);
  append_calls(names, 1, 0, hit, miss);
  struct sock_fprog filter = {count, code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0 &&
      (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0))
    return 2;
  execv(*program, program);
  return 127;
}
