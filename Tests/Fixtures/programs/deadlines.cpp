// SPDX-License-Identifier: Apache-2.0

// Waits for a tenth of a second in every way of C++ that takes a deadline as a date, and measures the wait by a clock that no offset
// changes.

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>

using date = std::chrono::system_clock;
using uptime = std::chrono::steady_clock;

static int failures;

template <typename Wait>
static void check(const char *name, Wait wait) {
  auto start = uptime::now();
  bool came = wait(date::now() + std::chrono::milliseconds(100));
  auto length = std::chrono::duration<double>(uptime::now() - start).count();
  if (!came && length >= 0.09) return;
  std::printf("%s: %d after %f s\n", name, came, length);
  failures++;
}

int main() {
  std::mutex mutex;
  std::condition_variable condition;
  std::timed_mutex timed;
  std::shared_timed_mutex shared;
  std::promise<void> promise;
  std::future<void> future = promise.get_future();
  timed.lock();
  shared.lock();
  check("condition_variable", [&](date::time_point end) {
    std::unique_lock<std::mutex> lock(mutex);
    return condition.wait_until(lock, end, [] { return false; });
  });
  check("future", [&](date::time_point end) { return future.wait_until(end) == std::future_status::ready; });
  check("timed_mutex", [&](date::time_point end) {
    bool got = true;
    std::thread([&] { got = timed.try_lock_until(end); }).join();
    return got;
  });
  check("shared_timed_mutex", [&](date::time_point end) {
    bool got = true;
    std::thread([&] { got = shared.try_lock_shared_until(end); }).join();
    return got;
  });
  check("sleep_until", [&](date::time_point end) { return std::this_thread::sleep_until(end), false; });
  std::printf("%d failures\n", failures);
  return failures != 0;
}
