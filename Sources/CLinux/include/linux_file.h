// SPDX-License-Identifier: Apache-2.0

// Files, without libc's `errno`: each function returns the kernel's result, a negated error number on failure.
// All are async-signal-safe.

#ifndef LINUX_FILE_H
#define LINUX_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Opens a file for reading, close-on-exec, without waiting for the writer of a FIFO.
int linux_open_for_reading(const char *path);

/// Another descriptor for the same open file, close-on-exec.
int linux_duplicate(int fd);

/// A descriptor of the file, close-on-exec, which doesn't count as having it open. The corresponding C constant is `O_PATH`.
int linux_hold(const char *path);

/// Opens a file, close-on-exec, for writing without ever waiting.
int linux_open_for_writing(const char *path);

/// Closes a descriptor. There is no result, because the descriptor is gone in any case.
void linux_close(int fd);

/// The size of a regular file in bytes. `-EISDIR` for a directory, `-ENOTSUP` for anything else that is not regular.
int64_t linux_regular_file_size(int fd);

/// The file that a descriptor refers to, by device and inode number; both are 0 if there is none. The corresponding C fields are `st_dev`
/// and `st_ino`.
struct linux_file_identity {
  uint64_t device, number;
};
struct linux_file_identity linux_identity(int fd);

/// 0 if the file may be executed by the effective ids; where the kernel can't be asked for these, by the real ids. The corresponding C
/// function is `faccessat`.
int linux_check_executable(const void *path);

/// Whether executing the file may give capabilities. The corresponding C constant is `XATTR_NAME_CAPS`.
bool linux_has_capabilities(const char *path);

/// Reads at most `count` bytes at `offset`, and repeats the call after EINTR.
int64_t linux_read_at(int fd, void *buffer, size_t count, int64_t offset);

#endif
