// SPDX-License-Identifier: Apache-2.0

// Signals in all the ways for which a kernel builds frames, threads, fork and execve. Prints one line for each, with "wrong" if something
// isn't as it should be. With the argument "again", which execve passes, it prints only that.

#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static char stack_memory[65536];
static sigjmp_buf place;

static void plain(int number) { count += number == SIGUSR1; }

static void with_information(int number, siginfo_t *information, void *context) {
  count += number == SIGUSR2 && information->si_pid == getpid() && context != NULL;
  raise(SIGUSR1);  // nested
}

static void on_stack(int number) {
  char local;
  count += number == SIGALRM && &local > stack_memory && &local < stack_memory + sizeof stack_memory;
}

static void fault(int number, siginfo_t *information, void *context) {
  (void)context;
  count += number == SIGSEGV && information->si_addr == (void *)16;
  siglongjmp(place, 1);
}

static void expect(const char *what, int value) { printf("%s: %s\n", what, value ? "as it should be" : "wrong"); }

static void catch (int number, void *handler, int flags) {
  struct sigaction action = {.sa_flags = flags};
  action.sa_sigaction = handler;
  sigaction(number, &action, NULL);
}

static void *thread(void *argument) {
  static __thread int own = 7;
  raise(SIGUSR1);
  return (void *)((uintptr_t)argument + (uintptr_t)own++);
}

int main(int argument_count, char **arguments) {
  if (argument_count > 1 && strcmp(arguments[1], "again") == 0) return puts("executed") < 0;
  sigset_t none, alarm_only;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  catch (SIGUSR1, plain, 0);
  raise(SIGUSR1);
  expect("plain handler", count == 1);

  catch (SIGUSR2, with_information, SA_SIGINFO);
  kill(getpid(), SIGUSR2);
  expect("nested handlers with information", count == 3);

  stack_t stack = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory};
  sigaltstack(&stack, NULL);
  catch (SIGALRM, on_stack, SA_ONSTACK | SA_RESTART);
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  sigprocmask(SIG_BLOCK, &alarm_only, NULL);
  ualarm(1000, 0);
  sigsuspend(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  expect("handler on its own stack, by a timer", count == 4);

  catch (SIGSEGV, fault, SA_SIGINFO);
  for (int i = 0; i < 3; i++)
    if (sigsetjmp(place, 1) == 0) *(volatile char *)16 = 0;
  expect("faults left by a jump", count == 7);

  volatile double before = 0.75;
  raise(SIGUSR1);
  expect("floating point across a handler", before * 4 == 3 && count == 8);

  pthread_t threads[4];
  int sum = 0;
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, thread, (void *)(uintptr_t)i);
  for (int i = 0; i < 4; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (int)(uintptr_t)result;
  }
  expect("threads with variables of their own, and signals", sum == 34 && count == 12);

  char *blocks[40];
  int allocated = 0;
  for (int i = 0; i < 40; i++) allocated += (blocks[i] = malloc(32 << 20)) != NULL;
  for (int i = 0; i < 40; i++) {
    if (blocks[i]) blocks[i][i] = 1;
    free(blocks[i]);
  }
  expect("1.25 GiB of memory", allocated == 40);

  fflush(stdout);
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    raise(SIGUSR1);
    _exit(count == 13 ? 9 : 1);
  }
  waitpid(child, &status, 0);
  expect("a child with signals of its own", WIFEXITED(status) && WEXITSTATUS(status) == 9);
  struct timespec now, trap;
  clock_gettime(CLOCK_REALTIME, &now);
  trap.tv_sec = time(NULL);
  // time() has the seconds of the last tick, which may be one less.
  expect("the time of day", trap.tv_sec - now.tv_sec <= 1 && now.tv_sec - trap.tv_sec <= 1);
  fflush(stdout);
  execl(arguments[0], arguments[0], "again", (char *)NULL);
  return 1;
}
