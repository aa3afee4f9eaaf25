// SPDX-License-Identifier: Apache-2.0

// Numbers of the system calls that a vDSO's functions replace, as this architecture has them.

#ifndef CLINUX_TIME_CALLS_H
#define CLINUX_TIME_CALLS_H

#include <sys/syscall.h>

// The calls with 64-bit seconds.
#ifdef SYS_clock_gettime64
static const long linux_nr_clock_gettime = SYS_clock_gettime64;
static const long linux_nr_clock_getres = SYS_clock_getres_time64;
#else
static const long linux_nr_clock_gettime = SYS_clock_gettime;
static const long linux_nr_clock_getres = SYS_clock_getres;
#endif
static const long linux_nr_gettimeofday = SYS_gettimeofday;
static const long linux_nr_getcpu = SYS_getcpu;
static const long linux_nr_getrandom = SYS_getrandom;
static const long linux_nr_getpid = SYS_getpid;
static const long linux_nr_getppid = SYS_getppid;
// The calls with 32-bit ids.
#ifdef SYS_getuid32
static const long linux_nr_getuid = SYS_getuid32;
static const long linux_nr_geteuid = SYS_geteuid32;
static const long linux_nr_getgid = SYS_getgid32;
static const long linux_nr_getegid = SYS_getegid32;
#else
static const long linux_nr_getuid = SYS_getuid;
static const long linux_nr_geteuid = SYS_geteuid;
static const long linux_nr_getgid = SYS_getgid;
static const long linux_nr_getegid = SYS_getegid;
#endif

#endif
