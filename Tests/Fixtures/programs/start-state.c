// SPDX-License-Identifier: Apache-2.0

// Prints the state that this program was started with as lines "attribute: value", without addresses that differ from run to run: two equal
// starts print the same. The attributes are the rows of docs/loading.md. START_STATE_PID in the environment is the process id before the
// start.

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(RECORD_ENTRY) && defined(__aarch64__)
#include "start-entry-aarch64.h"
#elif defined(RECORD_ENTRY)
#include "start-entry.h"
#endif

extern char **environ;

// Reads a whole file of /proc.
static size_t read_file(const char *path, char *buffer, size_t size) {
  FILE *file = fopen(path, "re");
  size_t count = file ? fread(buffer, 1, size - 1, file) : 0;
  if (file) fclose(file);
  buffer[count] = 0;
  return count;
}

// Prints a file with `|` in place of each null and newline.
static void print_file(const char *attribute, const char *path) {
  static char bytes[1 << 20];
  size_t count = read_file(path, bytes, sizeof bytes);
  printf("%s: ", attribute);
  for (size_t i = 0; i < count; i++) putchar(bytes[i] && bytes[i] != '\n' ? bytes[i] : '|');
  printf("\n");
}

static void print_entry(void) {
#ifdef RECORD_ENTRY
  print_registers();
  int used = 0;
  for (size_t i = 0; i < sizeof entry_state.vectors; i++) used += entry_state.vectors[i] != 0;
  printf("vector registers: %d bytes not zero\n", used);
  printf("robust futexes: %lx\n", entry_state.robust_list);
  printf("clear-child-tid: %lx\n", entry_state.clear_child_tid);
  printf("restartable sequences: %s\n", entry_state.rseq_registered ? "registered" : "none");
#endif
}

static void print_arguments(int count, char **arguments) {
  printf("arguments: %d:", count);
  for (int i = 0; i < count; i++) printf(" %s", arguments[i]);
  printf("%s\n", arguments[count] ? " not ended by a null" : "");
  printf("environment:");
  for (char **variable = environ; *variable; variable++) printf(" %s", *variable);
  printf("\n");
}

static int is_address(unsigned long key) {
  return key == AT_PHDR || key == AT_BASE || key == AT_ENTRY || key == AT_RANDOM || key == AT_EXECFN ||
         key == AT_PLATFORM || key == AT_SYSINFO || key == AT_SYSINFO_EHDR;
}

static void print_vector(void) {
  char **end = environ;
  while (*end) end++;
  const ElfW(auxv_t) *vector = (const void *)(end + 1);
  static char shown[8192];
  size_t size = read_file("/proc/self/auxv", shown, sizeof shown), count = 0;
  printf("auxiliary vector:");
  for (; vector[count].a_type != AT_NULL; count++) {
    unsigned long key = vector[count].a_type, value = vector[count].a_un.a_val;
    printf(" %lu=%lx", key, is_address(key) ? value != 0 : value);
  }
  static const unsigned char zeros[16];
  printf(" %s %s %s\n", (char *)getauxval(AT_EXECFN), (char *)getauxval(AT_PLATFORM),
         memcmp((void *)getauxval(AT_RANDOM), zeros, 16) ? "random" : "zero");
  count = (count + 1) * sizeof *vector;
  printf("/proc/self/auxv: %s\n", size >= count && memcmp(vector, shown, count) == 0 ? "the stack's" : "another");
}

static void print_signals(void) {
  printf("signal handlers and flags:");
  char ignored[65] = {0};
  for (int signal = 1; signal <= 64; signal++) {
    struct {
      unsigned long handler, flags, restorer;
      uint64_t mask;
    } action;
    if (syscall(SYS_rt_sigaction, signal, NULL, &action, 8) != 0) continue;
    ignored[signal] = action.handler == 1;
    if (action.handler > 1 || action.flags || action.mask) printf(" %d", signal);
  }
  printf("\nignored signals:");
  for (int signal = 1; signal <= 64; signal++)
    if (ignored[signal]) printf(" %d", signal);
  uint64_t mask = 0, pending = 0;
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
  syscall(SYS_rt_sigpending, &pending, 8);
  stack_t stack;
  sigaltstack(NULL, &stack);
  printf("\nsignal mask: %llx\npending signals: %llx\n", (long long)mask, (long long)pending);
  printf("alternate signal stack: %s\n", stack.ss_flags & SS_DISABLE ? "none" : "set");
  printf("interval timers:");
  for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
    struct itimerval timer;
    getitimer(which, &timer);
    printf(" %ld", (long)timer.it_interval.tv_sec);
  }
  printf("\n");
  print_file("POSIX timers", "/proc/self/timers");
}

static void print_descriptors(void) {
  DIR *directory = opendir("/proc/self/fd");
  char present[64] = {0};
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    int number = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && number != dirfd(directory) && number < 64) present[number] = 1;
  }
  if (directory) closedir(directory);
  printf("open files:");
  for (int i = 0; i < 64; i++)
    if (present[i]) printf(" %d", i);
  printf("\n");
  static char locks[65536];
  read_file("/proc/locks", locks, sizeof locks);
  int held = 0;
  for (char *line = strtok(locks, "\n"); line; line = strtok(NULL, "\n")) {
    int pid = 0;
    if (sscanf(line, "%*s %*s %*s %*s %d", &pid) == 1) held += pid == getpid();
  }
  printf("record locks: %d\n", held);
}

static void print_privileges(void) {
  int setting = 0;
  printf("dumpable: %d\n", prctl(PR_GET_DUMPABLE));
  printf("keep capabilities: %d\n", prctl(PR_GET_KEEPCAPS));
  printf("secure bits: %x\n", prctl(PR_GET_SECUREBITS));
  printf("no new privileges: %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  printf("system call filter: %d\n", prctl(PR_GET_SECCOMP));
  prctl(PR_GET_PDEATHSIG, &setting);
  printf("parent death signal: %d\n", setting);
  prctl(PR_GET_CHILD_SUBREAPER, &setting);
  printf("child subreaper: %d\n", setting);
  printf("timer slack: %d\n", prctl(PR_GET_TIMERSLACK));
  printf("transparent huge pages disabled: %d\n", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  printf("personality: %x\n", (unsigned)personality(0xffffffff));
  FILE *status = fopen("/proc/self/status", "re");
  char line[512];
  printf("capabilities and ids:");
  long locked = 0, threads = 0;
  while (status && fgets(line, sizeof line, status)) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "Uid", 3) == 0 || strncmp(line, "Gid", 3) == 0)
      printf(" %s", line);
    sscanf(line, "VmLck: %ld", &locked);
    sscanf(line, "Threads: %ld", &threads);
  }
  printf("\nlocked memory: %ld KiB\nthreads: %ld\n", locked, threads);
  if (status) fclose(status);
}

static void print_process(void) {
  const char *before = getenv("START_STATE_PID");
  printf("process id: %s\n", before && atoi(before) == getpid() ? "as before" : "another");
  print_file("name of the process", "/proc/self/comm");
  print_file("/proc/self/cmdline", "/proc/self/cmdline");
  print_file("/proc/self/environ", "/proc/self/environ");
  print_file("core dump filter", "/proc/self/coredump_filter");
  print_file("out-of-memory score", "/proc/self/oom_score_adj");
  char path[4096] = "";
  if (readlink("/proc/self/exe", path, sizeof path - 1) < 0) path[0] = 0;
  printf("/proc/self/exe: %s\n", path);
  printf("working directory: %s\n", getcwd(path, sizeof path) ? path : "?");
  mode_t mask = umask(0);
  umask(mask);
  printf("umask: %o\n", mask);
  printf("session and process group: %d %d\n", getsid(0) != getpid(), getpgid(0) != getpid());
  printf("nice value: %d\n", getpriority(PRIO_PROCESS, 0));
  printf("input and output priority: %lx\n", (long)syscall(SYS_ioprio_get, 1, 0));
  printf("scheduling policy: %d\n", sched_getscheduler(0));
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  printf("processors: %lx\n", *(unsigned long *)&set);
  printf("resource limits:");
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    struct rlimit limit;
    getrlimit(i, &limit);
    printf(" %lx/%lx", (long)limit.rlim_cur, (long)limit.rlim_max);
  }
  printf("\n");
}

// The numbers are those of proc(5): start_code 26, end_code 27, start_stack 28, start_data 45, end_data 46, start_brk 47,
// arg_start 48 … env_end 51.
static void print_bounds(char **arguments) {
  static char text[4096];
  static int initialized = 1;
  read_file("/proc/self/stat", text, sizeof text);
  unsigned long field[60] = {0};
  int index = 3;
  for (char *word = strtok(strrchr(text, ')') + 2, " "); word && index < 60; word = strtok(NULL, " "), index++)
    field[index] = strtoul(word, NULL, 10);
  unsigned long function = (unsigned long)print_bounds, variable = (unsigned long)&initialized;
  printf("bounds of code and data: %d %d\n", field[26] <= function && function < field[27],
         field[45] <= variable && variable < field[46]);
  printf("start of the stack: %d\n", field[28] == (unsigned long)(arguments - 1));
  printf("bounds of arguments and environment: %d %d %d\n", field[48] == (unsigned long)arguments[0],
         field[50] == (unsigned long)environ[0], field[49] == field[50]);
  // The raw call is used because musl's sbrk refuses this.
  unsigned long first = syscall(SYS_brk, 0);
  printf("break: %d %d\n", field[47] <= first, (unsigned long)syscall(SYS_brk, first + 65536) == first + 65536);
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void print_memory(void) {
  FILE *maps = fopen("/proc/self/maps", "re");
  static char line[4096];
  char *names[128];
  size_t count = 0, dirty = 0;
  while (maps && fgets(line, sizeof line, maps) && count < 128) {
    unsigned long start;
    char mode[5] = "";
    int name = 0;
    line[strcspn(line, "\n")] = 0;
    sscanf(line, "%lx-%*x %4s %*s %*s %*s %n", &start, mode, &name);
    asprintf(&names[count++], "%s %s", mode, name && line[name] ? line + name : "(anonymous)");
    if (strcmp(line + name, "[stack]") != 0) continue;
    // The memory below the part of the stack that this program itself has used.
    const char *own = (const char *)&maps - 65536;
    for (const char *byte = (const char *)start; byte < own; byte++) dirty += *byte != 0;
  }
  if (maps) fclose(maps);
  printf("order of mappings:");
  for (size_t i = 0; i < count; i++) printf(" %s,", names[i]);
  qsort(names, count, sizeof *names, compare);
  printf("\nmemory:");
  for (size_t i = 0; i < count; i++)
    if (i == 0 || strcmp(names[i], names[i - 1]) != 0) printf(" %s,", names[i]);
  printf("\nold contents of the stack: %zu bytes\n", dirty);
}

int main(int count, char **arguments) {
  // The bounds come first, because this program itself changes them.
  print_bounds(arguments);
  print_entry();
  print_arguments(count, arguments);
  print_vector();
  print_signals();
  print_descriptors();
  print_privileges();
  print_process();
  print_memory();
  return 0;
}
