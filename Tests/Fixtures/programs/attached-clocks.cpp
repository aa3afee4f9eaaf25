// SPDX-License-Identifier: Apache-2.0

// Answers each line of input by the seconds of system_clock, and how often steady_clock went back in a thread that reads it without a pause.

#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

static std::atomic<long> steps_back;

static void watch() {
  auto last = std::chrono::steady_clock::now();
  for (;;) {
    auto now = std::chrono::steady_clock::now();
    if (now < last) steps_back++;
    last = now;
  }
}

int main() {
  std::thread(watch).detach();
  for (std::string line; std::getline(std::cin, line);) {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    std::cout << std::chrono::duration_cast<std::chrono::seconds>(now).count() << " " << steps_back << std::endl;
  }
  std::quick_exit(0);
}
