// SPDX-License-Identifier: Apache-2.0

import ExecEngine

/// A system call that waits for a time, sets a timer, or returns the time left of one.
struct WaitingCall: Hashable, Sendable {
  /// The meaning of a call's time.
  enum Meaning: Hashable, Sendable {
    /// A duration of MONOTONIC.
    case span
    /// A deadline on REALTIME.
    case date
    /// As in `setitimer`: a duration if argument 0 is 0; other timers measure processor time.
    case interval
    /// As in i386's `ipc`: a duration if the low half of argument 0 is 4, `semtimedop`.
    case semaphores
    /// As in `clock_nanosleep`: argument 0 names the clock, and bit 0 of argument 1 makes the time a deadline.
    case sleep
    /// As in `futex`: the operation in argument 1 determines the clock, and whether the time is a deadline.
    case futex
    /// A deadline on the clock that the argument names.
    case point(clock: Int)
    /// As in `timerfd_settime`: the clock is that of the descriptor in argument 0, and bit 0 of argument 1 makes the time a deadline.
    case timerDescriptor
    /// As in `timer_settime`: the clock is that of the timer in argument 0, and bit 0 of argument 1 makes the time a deadline.
    case timer
  }

  /// How a call passes its time.
  enum Form: Hashable, Sendable {
    /// The argument points at it.
    case pointed(TimeFormat)
    /// The argument points at it, and the kernel stores the time left there.
    case updated(TimeFormat)
    /// The argument points at it, behind an interval of the same format.
    case timer(TimeFormat)
    /// The argument points at the memory in which the kernel stores the time left of a timer, behind its interval.
    case returned(TimeFormat)
    /// The argument is a number of milliseconds; a negative one means no timeout.
    case milliseconds
    /// The argument is a number of seconds, as in `alarm`. `setitimer`, of the given number and format, can be called instead.
    case alarm(TimeFormat, setitimer: UInt32)
  }

  let name: String
  let abi: SyscallABI
  let number: UInt32
  let argument: Int
  let form: Form
  let meaning: Meaning
  /// The argument that points at the memory for the time left of an interrupted wait.
  var rest: Int?

  private init(
    _ name: String, _ abi: SyscallABI, _ number: UInt32, _ argument: Int, _ form: Form, _ meaning: Meaning,
    rest: Int? = nil
  ) {
    (self.name, self.abi, self.number, self.argument) = (name, abi, number, argument)
    (self.form, self.meaning, self.rest) = (form, meaning, rest)
  }

  /// Every intercepted call of x86_64, i386 and the machines with Linux's generic numbers. Calls with 32-bit times stand next to their
  /// 64-bit variants.
  static let all: [WaitingCall] =
    [
      WaitingCall("futex", .x86_64, 202, 3, .pointed(.timespec64), .futex),
      WaitingCall("nanosleep", .x86_64, 35, 0, .pointed(.timespec64), .span, rest: 1),
      WaitingCall("clock_nanosleep", .x86_64, 230, 2, .pointed(.timespec64), .sleep, rest: 3),
      WaitingCall("futex_waitv", .x86_64, 449, 3, .pointed(.timespec64), .point(clock: 4)),
      WaitingCall("futex_wait", .x86_64, 455, 4, .pointed(.timespec64), .point(clock: 5)),
      WaitingCall("timerfd_settime", .x86_64, 286, 2, .timer(.timespec64), .timerDescriptor),
      WaitingCall("timer_settime", .x86_64, 223, 2, .timer(.timespec64), .timer),
      WaitingCall("setitimer", .x86_64, 38, 1, .timer(.timeval64), .interval),
      WaitingCall("getitimer", .x86_64, 36, 1, .returned(.timeval64), .interval),
      WaitingCall("timer_gettime", .x86_64, 224, 1, .returned(.timespec64), .timer),
      WaitingCall("timerfd_gettime", .x86_64, 287, 1, .returned(.timespec64), .timerDescriptor),
      WaitingCall("alarm", .x86_64, 37, 0, .alarm(.timeval64, setitimer: 38), .span),
      WaitingCall("poll", .x86_64, 7, 2, .milliseconds, .span),
      WaitingCall("ppoll", .x86_64, 271, 2, .updated(.timespec64), .span),
      WaitingCall("select", .x86_64, 23, 4, .updated(.timeval64), .span),
      WaitingCall("pselect6", .x86_64, 270, 4, .updated(.timespec64), .span),
      WaitingCall("epoll_wait", .x86_64, 232, 3, .milliseconds, .span),
      WaitingCall("epoll_pwait", .x86_64, 281, 3, .milliseconds, .span),
      WaitingCall("epoll_pwait2", .x86_64, 441, 3, .pointed(.timespec64), .span),
      WaitingCall("rt_sigtimedwait", .x86_64, 128, 2, .pointed(.timespec64), .span),
      WaitingCall("semtimedop", .x86_64, 220, 3, .pointed(.timespec64), .span),
      WaitingCall("recvmmsg", .x86_64, 299, 4, .updated(.timespec64), .span),
      WaitingCall("mq_timedsend", .x86_64, 242, 4, .pointed(.timespec64), .date),
      WaitingCall("mq_timedreceive", .x86_64, 243, 4, .pointed(.timespec64), .date),

      WaitingCall("nanosleep", .i386, 162, 0, .pointed(.timespec32), .span, rest: 1),
      WaitingCall("clock_nanosleep", .i386, 267, 2, .pointed(.timespec32), .sleep, rest: 3),
      WaitingCall("clock_nanosleep", .i386, 407, 2, .pointed(.compatTimespec64), .sleep, rest: 3),
      WaitingCall("futex", .i386, 240, 3, .pointed(.timespec32), .futex),
      WaitingCall("futex", .i386, 422, 3, .pointed(.compatTimespec64), .futex),
      WaitingCall("futex_waitv", .i386, 449, 3, .pointed(.compatTimespec64), .point(clock: 4)),
      WaitingCall("futex_wait", .i386, 455, 4, .pointed(.compatTimespec64), .point(clock: 5)),
      WaitingCall("timerfd_settime", .i386, 325, 2, .timer(.timespec32), .timerDescriptor),
      WaitingCall("timerfd_settime", .i386, 411, 2, .timer(.compatTimespec64), .timerDescriptor),
      WaitingCall("timer_settime", .i386, 260, 2, .timer(.timespec32), .timer),
      WaitingCall("timer_settime", .i386, 409, 2, .timer(.compatTimespec64), .timer),
      WaitingCall("setitimer", .i386, 104, 1, .timer(.timeval32), .interval),
      WaitingCall("getitimer", .i386, 105, 1, .returned(.timeval32), .interval),
      WaitingCall("timer_gettime", .i386, 261, 1, .returned(.timespec32), .timer),
      WaitingCall("timer_gettime", .i386, 408, 1, .returned(.compatTimespec64), .timer),
      WaitingCall("timerfd_gettime", .i386, 326, 1, .returned(.timespec32), .timerDescriptor),
      WaitingCall("timerfd_gettime", .i386, 410, 1, .returned(.compatTimespec64), .timerDescriptor),
      WaitingCall("alarm", .i386, 27, 0, .alarm(.timeval32, setitimer: 104), .span),
      WaitingCall("poll", .i386, 168, 2, .milliseconds, .span),
      WaitingCall("ppoll", .i386, 309, 2, .updated(.timespec32), .span),
      WaitingCall("ppoll", .i386, 414, 2, .updated(.compatTimespec64), .span),
      WaitingCall("select", .i386, 142, 4, .updated(.timeval32), .span),
      WaitingCall("pselect6", .i386, 308, 4, .updated(.timespec32), .span),
      WaitingCall("pselect6", .i386, 413, 4, .updated(.compatTimespec64), .span),
      WaitingCall("epoll_wait", .i386, 256, 3, .milliseconds, .span),
      WaitingCall("epoll_pwait", .i386, 319, 3, .milliseconds, .span),
      WaitingCall("epoll_pwait2", .i386, 441, 3, .pointed(.compatTimespec64), .span),
      WaitingCall("rt_sigtimedwait", .i386, 177, 2, .pointed(.timespec32), .span),
      WaitingCall("rt_sigtimedwait", .i386, 421, 2, .pointed(.compatTimespec64), .span),
      WaitingCall("ipc", .i386, 117, 5, .pointed(.timespec32), .semaphores),
      WaitingCall("semtimedop", .i386, 420, 3, .pointed(.compatTimespec64), .span),
      WaitingCall("recvmmsg", .i386, 337, 4, .updated(.timespec32), .span),
      WaitingCall("recvmmsg", .i386, 417, 4, .updated(.compatTimespec64), .span),
      WaitingCall("mq_timedsend", .i386, 279, 4, .pointed(.timespec32), .date),
      WaitingCall("mq_timedreceive", .i386, 280, 4, .pointed(.timespec32), .date),
      WaitingCall("mq_timedsend", .i386, 418, 4, .pointed(.compatTimespec64), .date),
      WaitingCall("mq_timedreceive", .i386, 419, 4, .pointed(.compatTimespec64), .date),
    ] + generic(.aarch64) + generic(.riscv64)

  /// The calls of a 64-bit machine with the numbers of Linux's asm-generic/unistd.h, which lacks alarm, poll, select and epoll_wait.
  private static func generic(_ abi: SyscallABI) -> [WaitingCall] {
    [
      WaitingCall("epoll_pwait", abi, 22, 3, .milliseconds, .span),
      WaitingCall("pselect6", abi, 72, 4, .updated(.timespec64), .span),
      WaitingCall("ppoll", abi, 73, 2, .updated(.timespec64), .span),
      WaitingCall("timerfd_settime", abi, 86, 2, .timer(.timespec64), .timerDescriptor),
      WaitingCall("timerfd_gettime", abi, 87, 1, .returned(.timespec64), .timerDescriptor),
      WaitingCall("futex", abi, 98, 3, .pointed(.timespec64), .futex),
      WaitingCall("nanosleep", abi, 101, 0, .pointed(.timespec64), .span, rest: 1),
      WaitingCall("getitimer", abi, 102, 1, .returned(.timeval64), .interval),
      WaitingCall("setitimer", abi, 103, 1, .timer(.timeval64), .interval),
      WaitingCall("timer_gettime", abi, 108, 1, .returned(.timespec64), .timer),
      WaitingCall("timer_settime", abi, 110, 2, .timer(.timespec64), .timer),
      WaitingCall("clock_nanosleep", abi, 115, 2, .pointed(.timespec64), .sleep, rest: 3),
      WaitingCall("rt_sigtimedwait", abi, 137, 2, .pointed(.timespec64), .span),
      WaitingCall("mq_timedsend", abi, 182, 4, .pointed(.timespec64), .date),
      WaitingCall("mq_timedreceive", abi, 183, 4, .pointed(.timespec64), .date),
      WaitingCall("semtimedop", abi, 192, 3, .pointed(.timespec64), .span),
      WaitingCall("recvmmsg", abi, 243, 4, .updated(.timespec64), .span),
      WaitingCall("epoll_pwait2", abi, 441, 3, .pointed(.timespec64), .span),
      WaitingCall("futex_waitv", abi, 449, 3, .pointed(.timespec64), .point(clock: 4)),
      WaitingCall("futex_wait", abi, 455, 4, .pointed(.timespec64), .point(clock: 5)),
    ]
  }
}
