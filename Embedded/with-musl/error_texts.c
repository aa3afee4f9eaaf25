// SPDX-License-Identifier: Apache-2.0

// Texts of errors in glibc's words, which users know from other programs. musl has other words for these, and one text for all numbers that
// it doesn't know. Linked with --wrap=strerror.

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

char *__real_strerror(int number);
char *__wrap_strerror(int number);

static const char *glibc_text(int number) {
  switch (number) {
    case EIO:
      return "Input/output error";
    case ECHILD:
      return "No child processes";
    case ENOMEM:
      return "Cannot allocate memory";
    case EBUSY:
      return "Device or resource busy";
    case EXDEV:
      return "Invalid cross-device link";
    case EMFILE:
      return "Too many open files";
    case ENOTTY:
      return "Inappropriate ioctl for device";
    case ESPIPE:
      return "Illegal seek";
    case EDEADLK:
      return "Resource deadlock avoided";
    case ENAMETOOLONG:
      return "File name too long";
    case ELOOP:
      return "Too many levels of symbolic links";
    case ELIBACC:
      return "Can not access a needed shared library";
    case ELIBBAD:
      return "Accessing a corrupted shared library";
    case EOVERFLOW:
      return "Value too large for defined data type";
    case ENOTSOCK:
      return "Socket operation on non-socket";
    case EMSGSIZE:
      return "Message too long";
    case EOPNOTSUPP:
      return "Operation not supported";
    case EADDRINUSE:
      return "Address already in use";
    default:
      return NULL;
  }
}

char *__wrap_strerror(int number) {
  static char unknown[32];
  const char *text = glibc_text(number);
  if (text) return (char *)text;
  // musl knows the numbers up to this one.
  if (number > 0 && number <= EHWPOISON) return __real_strerror(number);
  snprintf(unknown, sizeof unknown, "Unknown error %d", number);
  return unknown;
}
