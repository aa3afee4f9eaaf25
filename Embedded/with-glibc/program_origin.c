// SPDX-License-Identifier: Apache-2.0

// glibc's start of a static program reads /proc/self/exe, to find libraries that dlopen names by $ORIGIN. demo-loader opens no libraries, and
// the read takes a hundredth of a start. It is linked with --wrap=_dl_get_origin, which other C libraries don't have and don't call.

const char *__wrap__dl_get_origin(void);

// -1 means that the origin is unknown.
const char *__wrap__dl_get_origin(void) { return (const char *)-1; }
