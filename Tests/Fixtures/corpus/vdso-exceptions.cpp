// SPDX-License-Identifier: Apache-2.0

// Throws exceptions from a signal handler that has interrupted a function of the vDSO, and catches them in its caller: the unwinder
// goes through the signal's frame and the page's. Four threads, until each has caught some in the page.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <csignal>
#include <thread>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <vector>

namespace {

struct Interrupted {
  bool in_page;
};

uintptr_t page, kernel_start, kernel_end;
thread_local volatile bool armed;
const int enough = 50;

void handle(int, siginfo_t *, void *context) {
  auto *machine = static_cast<ucontext_t *>(context);
#if defined(__i386__)
  uintptr_t place = static_cast<uintptr_t>(machine->uc_mcontext.gregs[REG_EIP]);
#else
  uintptr_t place = static_cast<uintptr_t>(machine->uc_mcontext.gregs[REG_RIP]);
#endif
  bool in_page = place >= page && place < page + 4096;
  if (armed && (in_page || (place >= kernel_start && place < kernel_end))) {
    armed = false;
    throw Interrupted{in_page};
  }
}

void find_kernel_image() {
  FILE *maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  while (maps && std::fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    if (std::strstr(line, "[vdso]") && std::sscanf(line, "%lx-%lx", &start, &end) == 2)
      kernel_start = start, kernel_end = end;
  }
  if (maps) std::fclose(maps);
}

struct Counter {
  int &value;
  explicit Counter(int &v) : value(v) {}
  ~Counter() { value++; }
};

// The compiler must not know that the function throws nothing, as it knows of clock_gettime.
int (*volatile clock_function)(clockid_t, timespec *) = clock_gettime;

__attribute__((noinline)) void read_clock(int &unwound) {
  Counter counter(unwound);
  timespec now;
  for (int i = 0; i < 1000; i++) clock_function(CLOCK_REALTIME, &now);
}

bool work() {
  int caught = 0, unwound = 0;
  while (caught < enough) {
    int before = unwound;
    try {
      armed = true;
      read_clock(unwound);
      armed = false;
    } catch (const Interrupted &) {
      caught++;
      // The frame between was cleaned up.
      if (unwound != before + 1) return false;
    }
  }
  return true;
}

}  // namespace

int main() {
  page = getauxval(AT_SYSINFO_EHDR);
  find_kernel_image();
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
  sigaction(SIGPROF, &action, nullptr);
  itimerval timer = {{0, 500}, {0, 500}};
  setitimer(ITIMER_PROF, &timer, nullptr);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back([&good] { good += work(); });
  for (auto &thread : threads) thread.join();
  timer = {};
  setitimer(ITIMER_PROF, &timer, nullptr);
  std::printf("%d threads caught what was thrown inside the vDSO\n", good.load());
  return good != 4;
}
