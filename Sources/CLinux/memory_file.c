#define _GNU_SOURCE
#include "memory_file.h"

#include <sys/mman.h>

int linux_memory_file(const char *name) { return memfd_create(name, LINUX_MEMORY_FILE_FLAGS); }
