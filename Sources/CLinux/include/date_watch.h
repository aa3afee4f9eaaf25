// SPDX-License-Identifier: Apache-2.0

// Notification when the host's date is set.

#ifndef CLINUX_DATE_WATCH_H
#define CLINUX_DATE_WATCH_H

#include <stdbool.h>

/// A descriptor, close-on-exec, that becomes readable when CLOCK_REALTIME is set to another date; `-errno` if there is none. The
/// corresponding C constant is `TFD_TIMER_CANCEL_ON_SET`.
int linux_watch_date(void);

/// Whether the date was set since the last call.
bool linux_was_date_set(int watch);

#endif
