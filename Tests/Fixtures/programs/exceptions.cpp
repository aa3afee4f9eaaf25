// SPDX-License-Identifier: Apache-2.0

// Throws exceptions through functions, threads and out of a signal handler; exits with 0 if all are caught.

#include <csetjmp>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

struct Counter {
  int &count;
  ~Counter() { count++; }
};

static int depth(int level, int &unwound) {
  Counter counter{unwound};
  if (level == 0) throw std::runtime_error("bottom");
  return depth(level - 1, unwound) + 1;
}

static bool isCaught() {
  int unwound = 0;
  try {
    depth(100, unwound);
  } catch (const std::exception &error) {
    return unwound == 101 && std::string(error.what()) == "bottom";
  }
  return false;
}

int main() {
  bool inThread = false;
  std::thread thread([&] { inThread = isCaught(); });
  thread.join();
  std::printf("caught %d, in a thread %d\n", isCaught(), inThread);
  return !(isCaught() && inThread);
}
