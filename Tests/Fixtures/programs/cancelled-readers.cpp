// SPDX-License-Identifier: Apache-2.0

// Cancels 40 threads asynchronously while they read a clock, and prints how many destructors ran: "destructors N of 40".
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

namespace {

volatile int ended, ready;

struct Guard {
  ~Guard() { ended = ended + 1; }
};

// The compiler must not know that the function throws nothing, as it knows of clock_gettime.
int (*volatile clock_function)(clockid_t, timespec *) = clock_gettime;

// The function has nothing to clean up, so any of its instructions may be the last one.
__attribute__((noinline)) void read_forever() {
  timespec now;
  int old;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
  ready = 1;
  for (;;) clock_function(CLOCK_MONOTONIC, &now);
}

void *work(void *) {
  Guard guard;
  read_forever();
  return nullptr;
}

}  // namespace

int main() {
  const int count = 40;
  for (int i = 0; i < count; i++) {
    pthread_t thread;
    ready = 0;
    if (pthread_create(&thread, nullptr, work, nullptr)) return 2;
    while (!ready) usleep(100);
    usleep(1000 + 37 * i);
    pthread_cancel(thread);
    pthread_join(thread, nullptr);
  }
  std::printf("destructors %d of %d\n", ended, count);
  return ended != count;
}
