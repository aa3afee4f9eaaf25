// SPDX-License-Identifier: Apache-2.0

// Reads all ids from the page and from the kernel, in processes whose ids differ from their parent's, or change. Prints one line for each
// difference, then their number. If root runs it, it changes users and namespaces too. With an argument it then executes itself.

#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../Benchmarks/vdso-function.h"

#ifdef __i386__
enum { UID = SYS_getuid32, EUID = SYS_geteuid32, GID = SYS_getgid32, EGID = SYS_getegid32 };
#else
enum { UID = SYS_getuid, EUID = SYS_geteuid, GID = SYS_getgid, EGID = SYS_getegid };
#endif

enum { IDS = 6 };
static const struct {
  const char *name;
  long call;
} ids[IDS] = {{"__vdso_getpid", SYS_getpid}, {"__vdso_getppid", SYS_getppid}, {"__vdso_getuid", UID},
              {"__vdso_geteuid", EUID},      {"__vdso_getgid", GID},          {"__vdso_getegid", EGID}};
static int (*functions[IDS])(void);

static int wrong(const char *where, int first) {
  int count = 0;
  for (int i = first; i < IDS; i++) {
    int told = functions[i]();
    if (told == (int)syscall(ids[i].call)) continue;
    dprintf(1, "%s: %s tells %d, not %ld\n", where, ids[i].name, told, syscall(ids[i].call));
    count++;
  }
  return count;
}

static int status_of(pid_t child) {
  int status = -1;
  return child > 0 && waitpid(child, &status, __WALL) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static int in_child(const char *where, unsigned long flags, int (*body)(const char *)) {
  pid_t child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) _exit(body(where));
  int count = status_of(child);
  if (count == 99) dprintf(1, "%s: no answer\n", where);
  return count;
}

static int all(const char *where) { return wrong(where, 0); }

static int answers;

// The parent ends before the child asks.
static int orphan(const char *where) {
  pid_t parent = (pid_t)syscall(SYS_getpid);
  if (fork() == 0) {
    while ((pid_t)syscall(SYS_getppid) == parent) usleep(1000);
    char count = (char)wrong(where, 0);
    if (write(answers, &count, 1) != 1) _exit(1);
  }
  return 0;
}

static int orphaned(const char *where) {
  int ends[2];
  char count = 99;
  if (pipe(ends) != 0) return 99;
  answers = ends[1];
  int failures = in_child(where, 0, orphan);
  close(ends[1]);
  return read(ends[0], &count, 1) == 1 ? failures + count : 99;
}

static int other_user(const char *where) {
  if (syscall(SYS_setresgid, 1, 2, 3) != 0 || syscall(SYS_setresuid, 4, 5, 6) != 0) return 99;
  return wrong(where, 0);
}

static int in_namespace(const char *where) {
  if (unshare(CLONE_NEWPID) != 0) return 99;
  return wrong(where, 0) + in_child("first of a process namespace", 0, all);
}

static int without_user(const char *where) { return unshare(CLONE_NEWUSER) != 0 ? 99 : wrong(where, 0); }

static void *thread(void *count) {
  *(int *)count = wrong("thread", 0);
  return NULL;
}

int main(int count, char **arguments) {
  const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
  for (int i = 0; i < IDS; i++) functions[i] = (int (*)(void))(uintptr_t)function_of(base, ids[i].name);
  int failures = wrong("program", 0) + in_child("fork", 0, all) + in_child("clone", CLONE_FILES | CLONE_FS, all) +
                 orphaned("orphan");
  pthread_t id;
  int in_thread = 99;
  if (pthread_create(&id, NULL, thread, &in_thread) == 0) pthread_join(id, NULL);
  failures += in_thread;
  // A child that shares its parent's memory finds its parent's identity page. The process id is the only one that it must not ask for.
  pid_t child = vfork();
  if (child == 0) _exit(wrong("vfork", 1));
  failures += status_of(child);
  if (geteuid() == 0) {
    failures += in_child("other user", 0, other_user) + in_child("process namespace", 0, in_namespace) +
                in_child("user namespace", 0, without_user);
  }
  if (count > 1 && failures == 0) execv(arguments[0], (char *[]){arguments[0], NULL});
  printf("%d failures\n", failures);
  return failures != 0;
}
