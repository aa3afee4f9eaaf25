// SPDX-License-Identifier: Apache-2.0

// A hostile program that attacks the processes that serve it, which run as its own user: the timekeeper, which alone may write the time
// page, and engine exec's supervisor, which traces. It finds each by its name in /proc.
// Usage: neighbors [PID...]: attacks these too. Prints each attack that had an effect, and how many had none; exits with 1 if one had, and
// with 2 if no process was found.

#include "attack.h"

static int refused, succeeded;

static void count(int has_worked, const char *attack, long pid) {
  if (has_worked) {
    succeeded++;
    printf("%s of %ld works\n", attack, pid);
  } else {
    refused++;
  }
}

static int has_written(const char *path) {
  int file = open(path, O_RDWR);
  if (file < 0) return 0;
  char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  int result = memory != MAP_FAILED || pwrite(file, "", 1, SIZE - 1) == 1 || ftruncate(file, 0) == 0;
  if (memory != MAP_FAILED) munmap(memory, SIZE);
  close(file);
  return result;
}

// Attacks every file in /proc/PID/NAME: descriptors and mappings.
static void attack_files(long pid, const char *name) {
  char path[600];
  snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
  DIR *directory = opendir(path);
  if (directory == NULL) {
    count(0, name, pid);
    return;
  }
  int works = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    snprintf(path, sizeof path, "/proc/%ld/%s/%s", pid, name, entry->d_name);
    char target[64] = "";
    if (readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "/memfd:vdso", 11) == 0)
      works |= has_written(path);
  }
  closedir(directory);
  count(works, name, pid);
}

static void attack_process(long pid) {
  char path[64], byte = 0;
  attack_files(pid, "fd");
  attack_files(pid, "map_files");
  snprintf(path, sizeof path, "/proc/%ld/mem", pid);
  count(open(path, O_RDWR) >= 0, "/proc/PID/mem for writing", pid);
  count(open(path, O_RDONLY) >= 0, "/proc/PID/mem for reading", pid);
  snprintf(path, sizeof path, "/proc/%ld/environ", pid);
  count(open(path, O_RDONLY) >= 0, "/proc/PID/environ", pid);
  snprintf(path, sizeof path, "/proc/%ld/maps", pid);
  int maps = open(path, O_RDONLY);
  count(maps >= 0 && read(maps, &byte, 1) > 0, "/proc/PID/maps", pid);
  count(ptrace(PTRACE_SEIZE, pid, 0, 0) == 0, "PTRACE_SEIZE", pid);
  count(ptrace(PTRACE_ATTACH, pid, 0, 0) == 0, "PTRACE_ATTACH", pid);
  struct iovec local = {&byte, 1}, remote = {pages[0] + SIZE - 1, 1};
  count(process_vm_writev(pid, &local, 1, &remote, 1, 0) > 0, "process_vm_writev", pid);
  count(process_vm_readv(pid, &local, 1, &remote, 1, 0) > 0, "process_vm_readv", pid);
  int process = (int)syscall(SYS_pidfd_open, pid, 0), works = 0;
  for (int descriptor = 0; descriptor < 64; descriptor++)
    works |= syscall(SYS_pidfd_getfd, process, descriptor, 0) >= 0;
  count(works, "pidfd_getfd", pid);
}

// Whether it is one of the two, is alive, and runs as this process's user. Its files in /proc may nevertheless be the superuser's.
static int serves(const char *pid) {
  char path[300], line[128], name[32] = "", state = 0;
  long user = -1;
  snprintf(path, sizeof path, "/proc/%s/status", pid);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) {
    sscanf(line, "Name: %31s", name);
    sscanf(line, "State: %c", &state);
    sscanf(line, "Uid: %ld", &user);
  }
  if (file) fclose(file);
  return strncmp(name, "vdso-", 5) == 0 && state != 'Z' && user == (long)getuid();
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  find_pages();
  for (int i = 1; i < argc; i++) attack_process(atol(argv[i]));
  DIR *processes = opendir("/proc");
  for (struct dirent *entry; processes && (entry = readdir(processes)) != NULL;)
    if (serves(entry->d_name)) attack_process(atol(entry->d_name));
  printf("%d attacks refused\n", refused);
  return succeeded != 0 ? 1 : refused == 0 ? 2 : 0;
}
