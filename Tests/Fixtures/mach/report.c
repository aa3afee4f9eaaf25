// SPDX-License-Identifier: Apache-2.0

#include "report.h"

#include <stdarg.h>

#include "mach_task.h"
#include "threads.h"

enum { LINE = 400 };

static char *number(char *to, uint64_t value, unsigned base, int width, char fill) {
  char digits[24];
  int count = 0;
  do {
    uint64_t quotient = divide(value, base);
    digits[count++] = "0123456789abcdef"[value - quotient * base];
    value = quotient;
  } while (value);
  while (count < width && count < (int)sizeof digits) digits[count++] = fill;
  while (count) *to++ = digits[--count];
  return to;
}

void say(const char *format, ...) {
  char line[LINE + 48], *to = line;
  va_list arguments;
  va_start(arguments, format);
  for (; *format && to < line + LINE; format++) {
    if (*format != '%') {
      *to++ = *format;
      continue;
    }
    int width = 0, longs = 0;
    char fill = *++format == '0' ? '0' : ' ';
    for (; *format >= '0' && *format <= '9'; format++) width = width * 10 + *format - '0';
    for (; *format == 'l'; format++) longs++;
    if (*format == 's') {
      const char *from = va_arg(arguments, const char *);
      while (*from && to < line + LINE) *to++ = *from++;
    } else if (*format == 'c') {
      *to++ = (char)va_arg(arguments, int);
    } else if (*format == 'd') {
      int64_t value = longs > 1 ? va_arg(arguments, int64_t) : va_arg(arguments, int);
      if (value < 0) *to++ = '-';
      to = number(to, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width, fill);
    } else if (*format == 'u' || *format == 'x') {
      uint64_t value = longs > 1 ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t);
      to = number(to, value, *format == 'x' ? 16 : 10, width, fill);
    } else {
      *to++ = *format;
    }
  }
  va_end(arguments);
  *to++ = '\n';
  *to = 0;
  mach_print(line);
}

static int failures;

void check(const char *text, int holds) {
  if (!holds) failures++;
  say("%s: %s", holds ? "ok" : "FAILED", text);
}

void finish(void) {
  say("end: %d failed", failures);
  host_reboot(host_privileged, 0);
  for (;;) sleep_milliseconds(1000);
}

static void handle_faults(void *port) {
  for (;;) {
    fault_t fault = receive_fault((mach_port_t)(uintptr_t)port, MACH_MSG_TIMEOUT_NONE);
    if (fault.exception < 0) continue;
    say("FAILED: exception %d, code %d, at %x, by the instruction at %x", fault.exception, fault.code, fault.address,
        fault.instruction);
    failures++;
    finish();
  }
}

void report_faults(void) {
  mach_port_t port = new_port();
  task_set_special_port(mach_task_self(), TASK_EXCEPTION_PORT, port);
  start_thread(mach_task_self(), handle_faults, (void *)(uintptr_t)port);
}

const char *return_name(int code) {
  static const char *const names[] = {
      "KERN_SUCCESS",          "KERN_INVALID_ADDRESS", "KERN_PROTECTION_FAILURE", "KERN_NO_SPACE",
      "KERN_INVALID_ARGUMENT", "KERN_FAILURE",         "KERN_RESOURCE_SHORTAGE",  "KERN_NOT_RECEIVER",
      "KERN_NO_ACCESS",        "KERN_MEMORY_FAILURE",  "KERN_MEMORY_ERROR",
  };
  if (code >= 0 && code < (int)(sizeof names / sizeof *names)) return names[code];
  switch (code) {
    case KERN_INVALID_TASK:
      return "KERN_INVALID_TASK";
    case KERN_INVALID_HOST:
      return "KERN_INVALID_HOST";
    case MACH_SEND_INVALID_DEST:
      return "MACH_SEND_INVALID_DEST";
    case MIG_BAD_ID:
      return "MIG_BAD_ID";
    default:
      return "another code";
  }
}
