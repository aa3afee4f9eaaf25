// SPDX-License-Identifier: Apache-2.0

// A hostile program: tries to change the pages that it was given, for itself or for others, each way in a child process.
// Usage: attack. Prints each attack that had an effect, then how many had none; exits with 1 if one had an effect. If the pages are sealed,
// the kernel refuses their replacement in the process's own address space, except by the system calls of 32-bit programs.

#include "attack.h"

#include <time.h>

static int is_sealed;
static char value = 0x5a;

// ---- Attacks on the process's own page ----

static void make_writable(char *page) { mprotect(page, SIZE, PROT_READ | PROT_WRITE); }

static void make_writable_and_executable(char *page) { mprotect(page, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC); }

static void use_protection_key(char *page) {
  long key = syscall(SYS_pkey_alloc, 0, 0);
  syscall(SYS_pkey_mprotect, page, SIZE, PROT_READ | PROT_WRITE, key < 0 ? -1 : key);
}

static void write_through_mem(char *page) {
  int file = open("/proc/self/mem", O_RDWR);
  (void)!pwrite64(file, &value, 1, (off64_t)(uintptr_t)(page + SIZE - 1));
}

static void write_through_kernel(char *page) {
  struct iovec local = {&value, 1}, remote = {page + SIZE - 1, 1};
  process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
  int ends[2];
  if (pipe(ends) == 0 && write(ends[1], &value, 1) == 1) (void)!read(ends[0], page + SIZE - 1, 1);
}

// Makes another mapping of the same memory, which is the page itself if it is shared.
static void write_through_duplicate(char *page) {
  char *other = mremap(page, 0, SIZE, MREMAP_MAYMOVE);
  if (other == MAP_FAILED) return;
  mprotect(other, SIZE, PROT_READ | PROT_WRITE);
  if (is_writable(other)) other[SIZE - 1] ^= value;
}

static void write_through_map_files(char *page) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)page, (unsigned long)page + SIZE);
  int file = open(path, O_RDWR);
  (void)!pwrite(file, &value, 1, SIZE - 1);
  char *other = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (other != MAP_FAILED) other[SIZE - 1] ^= value;
}

// A tracer may write where its task can't, but not into a sealed file that is shared.
static void write_as_tracer(char *page) {
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  ptrace(PTRACE_POKETEXT, child, page + SIZE - sizeof(long), value);
  long word = ptrace(PTRACE_PEEKTEXT, child, page + SIZE - sizeof(long), 0);
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, &status, 0);
  if (word == value) _exit(3);
}

static void discard(char *page) {
  static const int advice[] = {MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_PAGEOUT, 24 /* MADV_DONTNEED_LOCKED */};
  for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) madvise(page, SIZE, advice[i]);
}

static void unmap(char *page) { munmap(page, SIZE); }

static void map_over(char *page) {
  mmap(page, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void move_away(char *page) {
  char *place = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mremap(page, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
}

static void move_over(char *page) {
  char *other = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mremap(other, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, page);
}

static void attach_over(char *page) {
  int id = shmget(IPC_PRIVATE, SIZE, 0600 | IPC_CREAT);
  if (id < 0) return;
  (void)shmat(id, page, SHM_REMAP);
  shmctl(id, IPC_RMID, NULL);
}

static void rearrange(char *page) { syscall(SYS_remap_file_pages, page, SIZE, 0, 1, 0); }

static const struct attack {
  const char *name;
  void (*run)(char *page);
  int replaces;
} attacks[] = {
    {"mprotect for writing", make_writable, 0},
    {"mprotect for writing and executing", make_writable_and_executable, 0},
    {"pkey_mprotect", use_protection_key, 0},
    {"/proc/self/mem", write_through_mem, 0},
    {"writes by the kernel", write_through_kernel, 0},
    {"a second mapping", write_through_duplicate, 0},
    {"/proc/self/map_files", write_through_map_files, 0},
    {"a tracer's writes", write_as_tracer, 0},
    {"madvise", discard, 1},
    {"munmap", unmap, 1},
    {"mmap over it", map_over, 1},
    {"mremap away", move_away, 1},
    {"mremap over it", move_over, 1},
    {"shmat over it", attach_over, 1},
    {"remap_file_pages", rearrange, 1},
};

static int refused, succeeded;

static void count(const char *attack, const char *place, const char *result) {
  if (result == NULL) {
    refused++;
  } else {
    succeeded++;
    printf("%s on the %s: %s\n", attack, place, result);
  }
}

// Whether the code page is as before, but without the addresses of the kernel's functions. The kernel lets a process discard what it has
// written to a private mapping of a file, and the page then makes system calls.
static int lost_addresses(const struct state *before) {
  static const size_t start = sizeof(long) == 8 ? VDSO_HOST_OFFSET_64 : VDSO_HOST_OFFSET_I386;
  static struct state now;
  char nothing[sizeof(vdso_host_t)] = {0};
  look(&now);
  if (memcmp(now.bytes[2] + start, nothing, sizeof nothing) != 0) return 0;
  memcpy(now.bytes[2] + start, before->bytes[2] + start, sizeof nothing);
  struct timespec earlier = {0, 0}, read, later = {0, 0};
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &earlier);
  clock_gettime(CLOCK_MONOTONIC, &read);
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &later);
  return memcmp(before, &now, sizeof now) == 0 && read.tv_sec >= earlier.tv_sec && read.tv_sec <= later.tv_sec;
}

static void attack_page(const struct attack *attack, int page) {
  static char *result;
  if (result == NULL) result = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(result, "the program ends");
  pid_t child = fork();
  if (child == 0) {
    static struct state before;
    look(&before);
    attack->run(pages[page]);
    const char *text = effect(&before);
    if (text && attack->run == discard && page == 2 && lost_addresses(&before)) text = NULL;
    strcpy(result, text ? text : "");
    _exit(0);
  }
  waitpid(child, NULL, 0);
  count(attack->name, page_names[page], *result ? result : NULL);
}

// The identity page, which the kernel wipes for a child, and the code page, in which debuggers set breakpoints, are the task's own memory:
// the kernel lets the task and its tracer write them through /proc. Without seals a task may also replace its pages, and make these two
// writable.
static int is_meant_to_fail(const struct attack *attack, int page) {
  int is_own = page != 0;
  if (is_own && (attack->run == write_through_mem || attack->run == write_as_tracer)) return 0;
  return is_sealed || !(attack->replaces || is_own);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  find_pages();
  catch_faults();
  is_sealed = sizeof(long) == 8 && syscall(NR_MSEAL, 0, 0, 0) == 0;
  for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
    for (int page = 0; page < PAGES; page++)
      if (is_meant_to_fail(&attacks[i], page)) attack_page(&attacks[i], page);
  printf("%d attacks refused\n", refused);
  return succeeded != 0;
}
