// SPDX-License-Identifier: Apache-2.0

// Prints what a program sees of its vDSO, one property on a line: the image's own name, and whether it is ours ("none" without an image),
// whether i386's entry for system calls is given, and whether the time is right and a signal handler returns.
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t handled;

static void handle(int signal) {
  (void)signal;
  handled++;
}

static const char *soname(unsigned long address) {
  const char *base = (const char *)address;
  const ElfW(Ehdr) *header = (const void *)base;
  const ElfW(Phdr) *segments = (const void *)(base + header->e_phoff);
  const ElfW(Dyn) *dynamic = NULL;
  const char *bias = NULL;
  for (int i = 0; i < header->e_phnum; i++) {
    if (segments[i].p_type == PT_LOAD) bias = base - segments[i].p_vaddr;
    if (segments[i].p_type == PT_DYNAMIC) dynamic = (const void *)(base + segments[i].p_offset);
  }
  const char *strings = NULL;
  size_t name = 0;
  for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
    if (dynamic->d_tag == DT_STRTAB) strings = bias + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_SONAME) name = dynamic->d_un.d_val;
  }
  return strings ? strings + name : "no name";
}

static int is_ours(unsigned long image) {
  // The note of our pages: sizes of owner and descriptor, type, owner.
  static const char note[] = "\4\0\0\0\4\0\0\0\1\0\0\0VDS";
  return image && memmem((const void *)image, 4096, note, sizeof note) != NULL;
}

int main(int argc, char **argv) {
  unsigned long image = getauxval(AT_SYSINFO_EHDR);
  printf("image: %s\n", image ? soname(image) : "none");
  printf("ours: %s\n", is_ours(image) ? "yes" : "no");
  printf("way into the kernel: %s\n", getauxval(AT_SYSINFO) ? "given" : "none");
#ifdef SYS_clock_gettime32
#define SYS_clock_gettime SYS_clock_gettime32  // musl's name for it
#endif
  // The trap's structure has words of the native size.
  struct {
    long seconds, nanoseconds;
  } trap;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &trap);
  time_t now = time(NULL);
  printf("time: %s\n", now >= trap.seconds - 1 && now <= trap.seconds + 1 ? "right" : "wrong");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGUSR1, handle);
  raise(SIGUSR1);
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR2);
  printf("handlers that returned: %d\n", (int)handled);
  if (argc > 1 && strcmp(argv[1], "maps") == 0) {
    char text[65536];
    int file = open("/proc/self/maps", O_RDONLY);
    ssize_t size;
    fflush(stdout);
    while ((size = read(file, text, sizeof text)) > 0)
      if (write(1, text, (size_t)size) != size) return 1;
  }
  return 0;
}
