// SPDX-License-Identifier: Apache-2.0

// Calls every function of a code page by its slot and by its exported name. Both must be the same function, with the result of the system
// call, of the identity page or of the host.
// Usage: entry-points PAGE SEED. Prints one line for each failure, then their number; exits with 0 if there is none.

#include <errno.h>

#include "check.h"
#include "exports.h"
#include "pages.h"

// The two ways to symbol `id`.
static void *way(int by_name, int id) { return by_name ? exported(id) : (void *)slot(id); }

static int has_slot(int id) { return *(uint32_t *)slot(id) != 0; }

#ifdef __i386__
enum { UID = SYS_getuid32, EUID = SYS_geteuid32, GID = SYS_getgid32, EGID = SYS_getegid32 };
#else
enum { UID = SYS_getuid, EUID = SYS_geteuid, GID = SYS_getgid, EGID = SYS_getegid };
#endif

static const struct {
  int id, word, number;
} identities[6] = {
    {VDSO_SYM_GETPID, VDSO_IDENTITY_PID, SYS_getpid}, {VDSO_SYM_GETPPID, VDSO_IDENTITY_PPID, SYS_getppid},
    {VDSO_SYM_GETUID, VDSO_IDENTITY_UID, UID},        {VDSO_SYM_GETEUID, VDSO_IDENTITY_EUID, EUID},
    {VDSO_SYM_GETGID, VDSO_IDENTITY_GID, GID},        {VDSO_SYM_GETEGID, VDSO_IDENTITY_EGID, EGID},
};

static void check_identities(int by_name) {
  for (int i = 0; i < 6; i++) {
    int (*call)(void) = way(by_name, identities[i].id);
    memset(identity_page, 0, VDSO_PAGE_SIZE);
    identity_page->words[identities[i].word] = 1000 + i;
    identity_page->valid = ~(1u << identities[i].word);
    CHECK(call() == (int)syscall(identities[i].number), "identity %d: %d, although its word is not valid", i, call());
    identity_page->valid = 1u << identities[i].word;
    CHECK(call() == 1000 + i, "identity %d: %d", i, call());
  }
}

static void *seen[5];
static long note(void *a, void *b, void *c, void *d, void *e) {
  seen[0] = a, seen[1] = b, seen[2] = c, seen[3] = d, seen[4] = e;
  return 77;
}

static void check_forwarded(int by_name) {
  memset(host(), 0, sizeof(vdso_host_t));
#ifndef __aarch64__
  uint32_t cpu = ~0u, node = ~0u;
  long (*getcpu)(uint32_t *, uint32_t *, void *) = way(by_name, VDSO_SYM_GETCPU);
  CHECK((int)getcpu(&cpu, &node, NULL) == 0, "getcpu");
  CHECK(cpu < (uint32_t)sysconf(_SC_NPROCESSORS_CONF) && node != ~0u, "getcpu says %u, %u", cpu, node);
  host()->getcpu = (uintptr_t)note;
  CHECK(getcpu(&cpu, &node, NULL) == 77 && seen[0] == &cpu && seen[1] == &node, "getcpu does not go to the host");
#endif
#ifndef __i386__
  char bytes[32] = {0}, zeros[32] = {0};
  long (*random)(void *, unsigned long, unsigned, void *, unsigned long) = way(by_name, VDSO_SYM_GETRANDOM);
  CHECK(random(bytes, 32, 0, NULL, 0) == 32 && memcmp(bytes, zeros, 32) != 0, "getrandom");
  CHECK(random(NULL, 0, 0, zeros, ~0ul) == -ENOSYS, "getrandom's probe");
  host()->getrandom = (uintptr_t)note;
  CHECK(random(bytes, 32, 1, zeros, 9) == 77 && seen[0] == bytes && seen[3] == zeros && seen[4] == (void *)9,
        "getrandom does not go to the host");
#endif
  int (*resolution)(int, long *) = way(by_name, VDSO_SYM_CLOCK_GETRES);
  host()->clock_getres = (uintptr_t)note;
  CHECK(resolution(4, NULL) == 77 && (uintptr_t)seen[0] == 4, "clock_getres does not go to the host");
  memset(host(), 0, sizeof(vdso_host_t));
}

static void check_times(int by_name) {
  memset(time_page, 0, VDSO_PAGE_SIZE);
  int (*clock)(int, time64 *) = way(by_name, CLOCK_GETTIME_64);
  int (*native)(int, long *) = way(by_name, VDSO_SYM_CLOCK_GETTIME);
  int (*resolution)(int, long *) = way(by_name, VDSO_SYM_CLOCK_GETRES);
  int (*day)(long *, void *) = way(by_name, VDSO_SYM_GETTIMEOFDAY);
  long (*seconds)(long *) = way(by_name, VDSO_SYM_TIME);
  time64 t, before, after;
  syscall(NR_CLOCK_GETTIME_64, 1, &before);
  int status = clock(1, &t);
  syscall(NR_CLOCK_GETTIME_64, 1, &after);
  CHECK(status == 0 && nanoseconds(before) <= nanoseconds(t) && nanoseconds(t) <= nanoseconds(after), "trap %d",
        status);
  long pair[2];
  for (int i = 0; i < 2; i++) {
    copy(i)->clocks[VDSO_CLOCK_MONOTONIC] = (vdso_clock_t){
        .source = VDSO_SOURCE_PUBLISHED, .resolution = 4, .seconds = 0x123456789, .phase = 3500000001ull << 32};
    copy(i)->clocks[VDSO_CLOCK_REALTIME] = copy(i)->clocks[VDSO_CLOCK_REALTIME_COARSE] =
        copy(i)->clocks[VDSO_CLOCK_MONOTONIC];
  }
  time_page->seconds = 0x83456789;
  time_page->timekeeper = VDSO_SECONDS_VALID;
  CHECK(clock(1, &t) == 0 && t.seconds == 0x12345678cLL && t.nanoseconds == 500000001, "published %lld.%09lld",
        (long long)t.seconds, (long long)t.nanoseconds);
  CHECK(native(1, pair) == 0 && pair[0] == (long)0x12345678cLL && pair[1] == 500000001, "in native words %ld.%09ld",
        pair[0], pair[1]);
  CHECK(day(pair, NULL) == 0 && pair[0] == (long)0x12345678cLL && pair[1] == 500000, "gettimeofday %ld.%06ld", pair[0],
        pair[1]);
  CHECK(resolution(1, pair) == 0 && pair[0] == 0 && pair[1] == 1, "resolution is the kernel's, not %ld", pair[1]);
  CHECK(resolution(1, NULL) == 0, "resolution to nowhere");
  CHECK(seconds(NULL) == (long)0x83456789LL, "time");
}

// The state of the random number generator.
static uint64_t state;
static uint64_t next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

// a * b / 2^32 by shifts and additions of a 128-bit sum, which share nothing with the page's products.
static uint64_t scaled(uint64_t a, uint64_t b) {
  uint64_t high = 0, low = 0;
  for (int bit = 63; bit >= 0; bit--) {
    high = high << 1 | low >> 63;
    low <<= 1;
    if (b >> bit & 1) high += low + a < low, low += a;
  }
  return high << 32 | low >> 32;
}

static time64 host_reading;
static long tell(long id, time64 *t) {
  (void)id;
  *t = host_reading;
  return 0;
}

static void check_maps(int count) {
  memset(time_page, 0, VDSO_PAGE_SIZE);
  host()->clock_gettime = (uintptr_t)tell;
  for (int i = 0; i < count; i++) {
    // Up to 30 years of readings, rates up to 8, results before 2106.
    uint64_t from = next() % 1000000000000000000, distance = next() % 300000000000000000, rate = next() >> 29;
    uint64_t to = next() % 1000000000000000000;
    if (rate == 0) continue;
    uint64_t now = from + distance, expected = to + scaled(distance, rate);
    host_reading = (time64){now / 1000000000, now % 1000000000};
    for (int c = 0; c < 2; c++)
      copy(c)->maps[VDSO_CLOCK_BOOTTIME] =
          (vdso_clock_map_t){.from = from, .to = to, .rate = rate, .kind = VDSO_MAP_LINE};
    time64 t = {0, 0};
    int (*clock)(int, time64 *) = way(i & 1, CLOCK_GETTIME_64);
    int status = clock(7, &t);
    CHECK(status == 0 && (uint64_t)nanoseconds(t) == expected && (uint64_t)t.nanoseconds < 1000000000,
          "map %llu, %llu, %llu of %llu gives %lld, not %llu", (unsigned long long)from, (unsigned long long)to,
          (unsigned long long)rate, (unsigned long long)now, (long long)nanoseconds(t), (unsigned long long)expected);
    if (failures > 20) return;
  }
  memset(host(), 0, sizeof(vdso_host_t));
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  map_pages(arguments[1]);
  state = strtoull(arguments[2], NULL, 10) | 1;
  for (int id = 0; id < VDSO_SYM_COUNT; id++)
    CHECK(has_slot(id) == (exported(id) != NULL), "symbol %d has a slot or a name, not both", id);
  for (int by_name = 0; by_name < 2 && failures == 0; by_name++) {
    check_identities(by_name);
    check_forwarded(by_name);
    check_times(by_name);
  }
  check_maps(100000);
  printf("%d failures\n", failures);
  return failures != 0;
}
