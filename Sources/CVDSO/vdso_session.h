// SPDX-License-Identifier: Apache-2.0

// vdso_session.h: the time of programs that demo-loader has started with --time or --control, read and set while they run.
//
// A session is named by a text: the number of one of its processes, or the path given to --control. Functions return 0, or -1 and a line
// for people in `reason`, of at most `size` bytes with its null; a null `reason` is left alone. Any thread may call them. They wait for the
// session for at most five seconds. Signal handlers must not call them.

#ifndef VDSO_SESSION_H
#define VDSO_SESSION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Which clocks: those that were set before, those that have a date, all.
#define VDSO_SESSION_SAME 0
#define VDSO_SESSION_REALTIME 1
#define VDSO_SESSION_ALL 2

// Stores the date that the session's programs see, in nanoseconds since 1970.
int vdso_session_date(const char *session, int64_t *nanoseconds, char *reason, size_t size);

// Sets their clocks by a specification as for --time: "+3d", "@2038-01-19T03:14:00Z x10", "=".
int vdso_session_set(const char *session, const char *specification, int clocks, char *reason, size_t size);

// Gives a running process our page, in all its threads, as `demo-loader attach` does: its clocks then show the time of `specification`, or
// the host's if that is null. VDSO_SESSION_SAME stands for the usual clocks: all for a rate, otherwise those that have a date. This begins
// a session whose name is the number of the process. The call runs the program that DEMO_LOADER names in the environment, or demo-loader in
// PATH, as a child of this process, and waits for it.
int vdso_session_attach(int32_t process, const char *specification, int clocks, char *reason, size_t size);

// Returns the process to the kernel's vDSO, as `demo-loader detach` does. It runs demo-loader in the same way.
int vdso_session_detach(int32_t process, char *reason, size_t size);

#ifdef __cplusplus
}
#endif

#endif
