// SPDX-License-Identifier: Apache-2.0

// Waits for the given number of milliseconds in every way of POSIX and Linux. For each it prints its name, the milliseconds that its own
// clock has gained, and those of the kernel's tick counter, which no page serves.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static long milliseconds;
static clockid_t measured = CLOCK_MONOTONIC;

static struct timespec span(void) { return (struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}; }

static struct timespec deadline(clockid_t id) {
  struct timespec time, length = span();
  measured = id;
  clock_gettime(id, &time);
  time.tv_sec += length.tv_sec;
  time.tv_nsec += length.tv_nsec;
  if (time.tv_nsec >= 1000000000) time.tv_nsec -= 1000000000, time.tv_sec++;
  return time;
}

static int by_nanosleep(void) {
  struct timespec time = span();
  return nanosleep(&time, NULL);
}

static int sleep_until(clockid_t id) {
  struct timespec time = deadline(id);
  return clock_nanosleep(id, TIMER_ABSTIME, &time, NULL);
}
static int by_date(void) { return sleep_until(CLOCK_REALTIME); }
static int by_uptime(void) { return sleep_until(CLOCK_MONOTONIC); }

static int by_clock_nanosleep(void) {
  struct timespec time = span();
  return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static int by_poll(void) { return poll(NULL, 0, (int)milliseconds); }

static int by_ppoll(void) {
  struct timespec time = span();
  return ppoll(NULL, 0, &time, NULL);
}

static int by_select(void) {
  struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
  return select(0, NULL, NULL, NULL, &time);
}

static int by_pselect(void) {
  struct timespec time = span();
  return pselect(0, NULL, NULL, NULL, &time, NULL);
}

static int by_epoll(void) {
  struct epoll_event event;
  int set = epoll_create1(0);
  int result = epoll_wait(set, &event, 1, (int)milliseconds);
  close(set);
  return result;
}

static int by_condition(clockid_t id) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_condattr_t attributes;
  pthread_cond_t condition;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, id);
  pthread_cond_init(&condition, &attributes);
  pthread_mutex_lock(&mutex);
  struct timespec time = deadline(id);
  int result;
  do result = pthread_cond_timedwait(&condition, &mutex, &time);
  while (result == 0);
  return result == ETIMEDOUT ? 0 : -1;
}
static int by_condition_date(void) { return by_condition(CLOCK_REALTIME); }
static int by_condition_uptime(void) { return by_condition(CLOCK_MONOTONIC); }

static int by_semaphore(void) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  struct timespec time = deadline(CLOCK_REALTIME);
  return sem_timedwait(&semaphore, &time) == -1 && errno == ETIMEDOUT ? 0 : -1;
}

static int by_mutex(void) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  struct timespec time = deadline(CLOCK_REALTIME);
  return pthread_mutex_timedlock(&mutex, &time) == ETIMEDOUT ? 0 : -1;
}

static int by_descriptor(clockid_t id, int flags) {
  struct itimerspec timer = {.it_value = flags ? deadline(id) : span()};
  int file = timerfd_create(id, 0);
  uint64_t count = 0;
  if (timerfd_settime(file, flags, &timer, NULL) != 0 || read(file, &count, 8) != 8) return -1;
  close(file);
  return count == 1 ? 0 : -1;
}
static int by_descriptor_date(void) { return by_descriptor(CLOCK_REALTIME, TFD_TIMER_ABSTIME); }
static int by_descriptor_uptime(void) { return by_descriptor(CLOCK_MONOTONIC, TFD_TIMER_ABSTIME); }
static int by_descriptor_span(void) { return by_descriptor(CLOCK_MONOTONIC, 0); }

static int wait_for(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  int got;
  do got = sigwaitinfo(&set, NULL);
  while (got == -1 && errno == EINTR);
  return got == number ? 0 : -1;
}

static int by_timer(clockid_t id, int flags) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  struct itimerspec setting = {.it_value = flags ? deadline(id) : span()};
  timer_t timer;
  if (timer_create(id, &event, &timer) != 0 || timer_settime(timer, flags, &setting, NULL) != 0) return -1;
  int result = wait_for(SIGUSR1);
  timer_delete(timer);
  return result;
}
static int by_timer_date(void) { return by_timer(CLOCK_REALTIME, TIMER_ABSTIME); }
static int by_timer_span(void) { return by_timer(CLOCK_MONOTONIC, 0); }

static int by_interval(void) {
  struct itimerval timer = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
  return setitimer(ITIMER_REAL, &timer, NULL) == 0 ? wait_for(SIGALRM) : -1;
}

static int by_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  struct timespec time = span();
  return sigtimedwait(&set, NULL, &time) == -1 && errno == EAGAIN ? 0 : -1;
}

static int by_semaphore_set(void) {
  int set = semget(IPC_PRIVATE, 1, 0600);
  // Not every system has System V semaphores.
  if (set == -1) return by_nanosleep();
  struct sembuf take = {0, -1, 0};
  struct timespec time = span();
  int result = semtimedop(set, &take, 1, &time) == -1 && errno == EAGAIN ? 0 : -1;
  semctl(set, 0, IPC_RMID);
  return result;
}

static int by_queue(void) {
  char message[64], name[64];
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = sizeof message};
  snprintf(name, sizeof name, "/waits-%d", (int)getpid());
  mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attributes);
  // Not every system has message queues.
  if (queue == (mqd_t)-1) return by_date();
  struct timespec time = deadline(CLOCK_REALTIME);
  int result = mq_timedreceive(queue, message, sizeof message, NULL, &time) == -1 && errno == ETIMEDOUT ? 0 : -1;
  mq_unlink(name);
  mq_close(queue);
  return result;
}

#define WAY(name) \
  { #name, by_##name }
static const struct way {
  const char *name;
  int (*wait)(void);
} ways[] = {
    WAY(nanosleep),
    WAY(date),
    WAY(uptime),
    WAY(clock_nanosleep),
    WAY(poll),
    WAY(ppoll),
    WAY(select),
    WAY(pselect),
    WAY(epoll),
    WAY(condition_date),
    WAY(condition_uptime),
    WAY(semaphore),
    WAY(mutex),
    WAY(descriptor_date),
    WAY(descriptor_uptime),
    WAY(descriptor_span),
    WAY(timer_date),
    WAY(timer_span),
    WAY(interval),
    WAY(signal),
    WAY(semaphore_set),
    WAY(queue),
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(measured, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int count, char **arguments) {
  milliseconds = atol(arguments[1]);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  struct tms unused;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    for (int way = 2; way < count || way == 2; way++) {
      if (count > 2 && strcmp(arguments[way], ways[i].name)) continue;
      measured = CLOCK_MONOTONIC;
      long tick = (long)times(&unused);
      // Both clocks are read, because the way itself decides which one counts.
      measured = CLOCK_REALTIME;
      int64_t date = now();
      measured = CLOCK_MONOTONIC;
      int64_t uptime = now();
      int result = ways[i].wait();
      int64_t gained = now() - (measured == CLOCK_REALTIME ? date : uptime);
      long ticks = (long)times(&unused) - tick;
      printf("%s %d %lld %ld\n", ways[i].name, result, (long long)(gained / 1000000),
             ticks * 1000 / sysconf(_SC_CLK_TCK));
      fflush(stdout);
    }
  }
  return 0;
}
