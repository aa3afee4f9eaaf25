// SPDX-License-Identifier: Apache-2.0

// Calls that wait, each for a minute or longer.

#ifndef WAITING_CALLS_H
#define WAITING_CALLS_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 1 << 16 };
static const struct timespec minute = {60, 0};
static struct timespec tomorrow;  // of CLOCK_MONOTONIC
static char bytes[SIZE];
static uint64_t all_signals = ~UINT64_C(0);

// Ends of pipes and sockets from which nothing can be read, or to which nothing can be written.
static int empty(void) {
  int ends[2];
  return pipe(ends) ? -1 : ends[0];
}
static int full(void) {
  int ends[2];
  if (pipe(ends)) return -1;
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  while (write(ends[1], bytes, SIZE) > 0) continue;
  while (write(ends[1], bytes, 1) > 0) continue;
  fcntl(ends[1], F_SETFL, 0);
  return ends[1];
}
static int timed(int socket) {
  struct timeval timeout = {60, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  return socket;
}
static int silent_socket(void) {
  int ends[2];
  return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) ? -1 : timed(ends[0]);
}
static int full_socket(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return -1;
  while (send(ends[0], bytes, SIZE, MSG_DONTWAIT) > 0) continue;
  while (send(ends[0], bytes, 1, MSG_DONTWAIT) > 0) continue;
  return timed(ends[0]);
}
static int listener(struct sockaddr_un *address, socklen_t *size) {
  int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  *size = sizeof *address;
  bind(socket_, (struct sockaddr *)address, sizeof(sa_family_t));
  listen(socket_, 0);
  getsockname(socket_, (struct sockaddr *)address, size);
  return timed(socket_);
}
static struct iovec vector = {bytes, SIZE};

static long wait_epoll(void) {
  struct epoll_event event;
  return epoll_wait(epoll_create1(0), &event, 1, 60000);
}
static long wait_epoll_pwait(void) {
  struct epoll_event event;
  return syscall(SYS_epoll_pwait, epoll_create1(0), &event, 1, -1, &all_signals, 8);
}
static long wait_epoll_pwait2(void) {
  struct epoll_event event;
  return syscall(SYS_epoll_pwait2, epoll_create1(0), &event, 1, &minute, NULL, 0);
}
static long wait_poll(void) { return poll(NULL, 0, 60000); }
static long wait_ppoll(void) { return ppoll(NULL, 0, &minute, NULL); }
static long wait_select(void) {
  struct timeval timeout = {60, 0};
  return select(0, NULL, NULL, NULL, &timeout);
}
static long wait_nanosleep(void) { return syscall(SYS_nanosleep, &minute, NULL); }
static long wait_clock_nanosleep(void) { return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &minute, NULL); }
static long wait_until(void) { return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &tomorrow, NULL); }
static long wait_futex(void) {
  int word = 0;
  return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &minute, NULL, 0);
}
static long wait_futex_until(void) {
  int word = 0;
  return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &tomorrow, NULL, ~0);
}
static long wait_futex_forever(void) {
  int word = 0;
  return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}
static long wait_futex_waitv(void) {
  int word = 0;
  struct futex_waitv waiter = {.uaddr = (uintptr_t)&word, .flags = FUTEX_32};
  return syscall(SYS_futex_waitv, &waiter, 1, 0, &tomorrow, CLOCK_MONOTONIC);
}
static long wait_lock_pi(void) {
  static int word;
  word = (int)getpid();
  struct timespec date;
  clock_gettime(CLOCK_REALTIME, &date);
  date.tv_sec += 86400 * 365;
  return syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, &date, NULL, 0);
}
static int semaphores, messages;
static long wait_semop(void) {
  struct sembuf operation = {0, -1, 0};
  return semop(semaphores, &operation, 1);
}
static long wait_semtimedop(void) {
  struct sembuf operation = {0, -1, 0};
  return semtimedop(semaphores, &operation, 1, &minute);
}
static long wait_msgrcv(void) { return msgrcv(messages, bytes, 8, 0, 0); }
static long wait_mq_timedreceive(void) {
  char name[32];
  snprintf(name, sizeof name, "/waiting-%d", (int)getpid());
  mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
  mq_unlink(name);
  struct timespec date;
  clock_gettime(CLOCK_REALTIME, &date);
  date.tv_sec += 86400 * 365;
  return mq_timedreceive(queue, bytes, SIZE, NULL, &date);
}
static long wait_accept(void) {
  struct sockaddr_un address;
  socklen_t size;
  return accept(listener(&address, &size), NULL, NULL);
}
static long wait_accept4(void) {
  struct sockaddr_un address;
  socklen_t size;
  return accept4(listener(&address, &size), NULL, NULL, SOCK_CLOEXEC);
}
static long wait_connect(void) {
  struct sockaddr_un address;
  socklen_t size;
  listener(&address, &size);
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr *)&address, size)) return -1;
  return connect(timed(socket(AF_UNIX, SOCK_STREAM, 0)), (struct sockaddr *)&address, size);
}
static long wait_recv(void) { return recv(silent_socket(), bytes, SIZE, 0); }
static long wait_recvmsg(void) {
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  return recvmsg(silent_socket(), &message, 0);
}
static long wait_recvmmsg(void) {
  struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
  return recvmmsg(silent_socket(), &message, 1, 0, NULL);
}
static long wait_send(void) { return send(full_socket(), bytes, SIZE, 0); }
static long wait_sendmsg(void) {
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  return sendmsg(full_socket(), &message, 0);
}
static long wait_sendmmsg(void) {
  struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
  return sendmmsg(full_socket(), &message, 1, 0);
}
static long wait_read_socket(void) { return read(silent_socket(), bytes, SIZE); }
static long wait_readv_socket(void) { return readv(silent_socket(), &vector, 1); }
static long wait_preadv2_socket(void) { return preadv2(silent_socket(), &vector, 1, -1, 0); }
static long wait_write_socket(void) { return write(full_socket(), bytes, SIZE); }
static long wait_writev_socket(void) { return writev(full_socket(), &vector, 1); }
static long wait_pwritev2_socket(void) { return pwritev2(full_socket(), &vector, 1, -1, 0); }
static int zeros(void) {
  int file = memfd_create("zeros", 0);
  if (ftruncate(file, SIZE)) return -1;
  return file;
}
static long wait_sendfile_socket(void) { return sendfile(full_socket(), zeros(), NULL, SIZE); }
static long wait_sendfile(void) { return sendfile(full(), zeros(), NULL, SIZE); }
static long wait_splice_socket(void) {
  int ends[2];
  if (pipe(ends) || write(ends[1], bytes, 100) != 100) return -1;
  return splice(ends[0], NULL, full_socket(), NULL, 100, 0);
}
static long wait_splice(void) { return splice(empty(), NULL, full(), NULL, 100, 0); }
static long wait_vmsplice(void) { return vmsplice(full(), &vector, 1, 0); }
static long wait_read(void) { return read(empty(), bytes, SIZE); }
static long wait_write(void) { return write(full(), bytes, SIZE); }
static long wait_tty(void) {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  grantpt(terminal), unlockpt(terminal);
  return read(open(ptsname(terminal), O_RDWR | O_NOCTTY), bytes, 1);
}
static long wait_inotify(void) { return read(inotify_init1(0), bytes, SIZE); }
static long wait_signalfd(void) {
  sigset_t signals;
  sigemptyset(&signals), sigaddset(&signals, SIGUSR2);
  return read(signalfd(-1, &signals, 0), bytes, SIZE);
}
static long wait_timerfd(void) {
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec setting = {.it_value = minute};
  timerfd_settime(timer, 0, &setting, NULL);
  return read(timer, bytes, 8);
}
static long wait_eventfd(void) { return read(eventfd(0, 0), bytes, 8); }
static long wait_io_getevents(void) {
  aio_context_t context = 0;
  struct io_event event;
  struct timespec timeout = minute;
  if (syscall(SYS_io_setup, 1, &context)) return -1;
  return syscall(SYS_io_getevents, context, 1, 1, &event, &timeout);
}
static long wait_io_pgetevents(void) {
  aio_context_t context = 0;
  struct io_event event;
  struct timespec timeout = minute;
  if (syscall(SYS_io_setup, 1, &context)) return -1;
  return syscall(SYS_io_pgetevents, context, 1, 1, &event, &timeout, NULL);
}
static long wait_io_uring(void) {
  struct io_uring_params parameters = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 1, &parameters);
  // The kernel has no io_uring, or forbids it.
  if (ring < 0) return wait_poll();
  return syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}
static long wait_sigtimedwait(void) {
  sigset_t signals;
  sigemptyset(&signals), sigaddset(&signals, SIGUSR2);
  return sigtimedwait(&signals, NULL, &minute);
}
static long wait_sigsuspend(void) {
  sigset_t signals;
  sigfillset(&signals);
  return sigsuspend(&signals);
}
static long wait_pause(void) { return syscall(SYS_pause); }
static long wait_lock(void) {
  char name[] = "/tmp/waiting-XXXXXX";
  int file = mkstemp(name), other = open(name, O_RDWR);
  unlink(name);
  flock(file, LOCK_EX);
  return flock(other, LOCK_EX);
}
static long wait_fcntl_lock(void) {
  char name[] = "/tmp/waiting-XXXXXX";
  int file = mkstemp(name), other = open(name, O_RDWR);
  unlink(name);
  struct flock lock = {.l_type = F_WRLCK};
  fcntl(file, F_OFD_SETLK, &lock);
  return fcntl(other, F_OFD_SETLKW, &lock);
}

static pid_t child;
static long wait_wait4(void) { return wait4(child, NULL, 0, NULL); }
static long wait_waitid(void) {
  siginfo_t information;
  return waitid(P_PID, (id_t)child, &information, WEXITED | WNOWAIT);
}

#endif
