// SPDX-License-Identifier: Apache-2.0

// The local time zone as glibc finds it. musl reads a name like EST5EDT as a rule of POSIX, without the dates on which summer time begins
// and ends, where glibc first looks for a file of that name, and without one takes the dates of the United States.

#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *find(const char *name) {
  size_t length = strlen(name);
  for (char **variable = environ; variable && *variable; variable++)
    if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=') return *variable + length + 1;
  return NULL;
}

static const char *after_name(const char *text) {
  if (*text == '<') {
    const char *end = strchr(text, '>');
    return end ? end + 1 : text;
  }
  while (isalpha((unsigned char)*text)) text++;
  return text;
}

// Whether it is a rule of POSIX with summer time and without dates.
static int lacks_dates(const char *zone) {
  const char *offset = after_name(zone), *summer = offset + strspn(offset, "+-0123456789:");
  return offset > zone && summer > offset && after_name(summer) > summer && !strchr(summer, ',');
}

// musl calls it for the local time.
char *getenv(const char *name) {
  static char changed[4096];
  char *value = find(name);
  if (!value || strcmp(name, "TZ") != 0 || strchr(":/.", *value)) return value;
  const char *folder = find("TZDIR");
  struct stat status;
  int length = snprintf(changed, sizeof changed, ":%s/%s", folder ? folder : "/usr/share/zoneinfo", value);
  if (length < 0 || (size_t)length >= sizeof changed) return value;
  if (stat(changed + 1, &status) == 0 && S_ISREG(status.st_mode)) return changed;
  if (!lacks_dates(value)) return value;
  length = snprintf(changed, sizeof changed, "%s,M3.2.0,M11.1.0", value);
  return length < 0 || (size_t)length >= sizeof changed ? value : changed;
}
